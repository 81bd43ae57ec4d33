//! The tags that load the style sheet and the browser side. leptos' own `HydrationScripts` reads manifests from a
//! folder beside the binary; Postern is one file, so the server hands in what it has embedded.

use leptos::{config::LeptosOptions, nonce::use_nonce, prelude::*};
use std::sync::Arc;

/// Where the browser finds the style sheet and the scripts.
#[derive(Clone, Debug)]
pub struct Assets {
    /// Path of the folder they are served from; it changes with their content.
    pub folder: Arc<str>,
    /// Whether the browser side is there. Without it every page is a plain page, and works.
    pub scripts: bool,
    /// Reload the page when sources change (`make dev`).
    pub reload: Option<LeptosOptions>,
}

impl Assets {
    /// For a page that is complete as it is.
    pub(crate) fn without_scripts(self) -> Self {
        Self { scripts: false, reload: None, ..self }
    }
}

/// Style first; the scripts may wait for it.
#[component]
pub(crate) fn Scripts(assets: Assets) -> impl IntoView {
    let Assets { folder, scripts, reload } = assets;
    let script = format!("{folder}/postern.js");
    let wasm = format!("{folder}/postern.wasm");
    view! {
        <link rel="stylesheet" href=format!("{folder}/postern.css")/>
        {reload.map(|options| view! { <AutoReload options/> })}
        {scripts
            .then(|| {
                let start = format!(
                    "import start,{{hydrate}} from {script:?};start({{module_or_path:{wasm:?}}}).then(()=>hydrate())\
                    .then(()=>{{document.documentElement.dataset.hydrated=\"\"}})",
                );
                view! {
                    <link rel="modulepreload" href=script fetchpriority="low"/>
                    <link
                        rel="preload"
                        href=wasm
                        r#as="fetch"
                        r#type="application/wasm"
                        crossorigin="anonymous"
                        fetchpriority="low"
                    />
                    <script type="module" nonce=use_nonce()>
                        {start}
                    </script>
                }
            })}
    }
}
