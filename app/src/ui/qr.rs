//! What a person takes over to another device or keeps: a picture to scan, a key to type, codes to save.

use super::Text;
use leptos::prelude::*;

/// A QR code, black on white in either theme, because that is what cameras read.
#[component]
pub(crate) fn QrCode(
    /// The dark modules, as SVG path data.
    path: String,
    /// Modules on a side, quiet zone included.
    size: u16,
    /// What it is, read aloud.
    #[prop(into)]
    label: Text,
) -> impl IntoView {
    view! {
        <div class="qr">
            <svg
                viewBox=format!("0 0 {size} {size}")
                width="176"
                height="176"
                shape-rendering="crispEdges"
                role="img"
                aria-label=label
            >
                <path d=path fill="#000"></path>
            </svg>
        </div>
    }
}

/// A key to type; one click selects all of it.
#[component]
pub(crate) fn SecretKey(
    /// In groups.
    value: String,
) -> impl IntoView {
    view! { <code class="secret">{value}</code> }
}

/// Backup codes, numbered, each selectable without its number.
#[component]
pub(crate) fn BackupCodeList(
    /// As they are to be typed.
    codes: Vec<String>,
) -> impl IntoView {
    view! {
        <ol class="codes">
            {codes.into_iter().map(|code| view! { <li><code>{code}</code></li> }).collect_view()}
        </ol>
    }
}
