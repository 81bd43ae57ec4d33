//! What the browser runs: the pages of `app`, taking over what the server rendered.

use leptos::{mount::hydrate_from_async, tachys::dom::body};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's script once the module is loaded, with the texts of the reader's language; ends when the page
/// answers without the server's help.
#[wasm_bindgen]
pub async fn hydrate(texts: String) {
    app::messages::load(texts);
    hydrate_from_async(body(), app::App).await.forget();
}
