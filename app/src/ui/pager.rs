//! Parts of a list by key: headings that sort, “Previous” and “Next”. Nowhere a position: a page is as quick at a million.

use super::Text;
use leptos::{either::Either, prelude::*};

/// A heading that sorts by its column; without an address it is a plain one.
#[component]
pub(crate) fn SortHeading(
    /// The column.
    #[prop(into)]
    label: Text,
    /// The list sorted by this, or the other way round if it is already.
    href: String,
    /// `ascending` or `descending`, when this is what the list is sorted by.
    sorted: Option<&'static str>,
) -> impl IntoView {
    view! {
        <th scope="col" aria-sort=sorted>
            <a href=href>{label}</a>
        </th>
    }
}

/// The foot of a list: how many, and the pages before and after.
#[component]
pub(crate) fn Pager(
    /// How many there are, in words.
    #[prop(into)]
    total: Text,
    /// Address of the page before.
    before: Option<String>,
    /// Address of the page after.
    after: Option<String>,
) -> impl IntoView {
    let turn = |href: Option<String>, rel: &'static str, label: &'static str| match href {
        Some(href) => Either::Left(view! {
            <a class="button bare" href=href rel=rel>
                {label}
            </a>
        }),
        None => Either::Right(view! {
            <a class="button bare" role="link" aria-disabled="true">
                {label}
            </a>
        }),
    };
    let is_whole = before.is_none() && after.is_none();
    let pages = (!is_whole).then(|| {
        view! {
            <nav aria-label=tr!("ui.pages")>
                {turn(before, "prev", tr!("ui.previous"))}
                {turn(after, "next", tr!("ui.next"))}
            </nav>
        }
    });
    view! {
        <div class="pager">
            <span class="figures">{total}</span>
            {pages}
        </div>
    }
}
