//! Routes of one type, and pages loaded by area.
//!
//! leptos gives every route a type of its own and compiles the router anew for each: some 2 kB of every first visit a
//! route, though nobody sees the other pages. Here a path is behind a pointer and a page is two functions, so thirty
//! routes cost what two do.
//!
//! A page of the first visit is `page!(SignInPage)`. All others belong to an area, `area!(console { users::UsersPage })`, whose
//! code is loaded with the first of its pages. When it cannot be loaded, because a newer version is running meanwhile,
//! the page is asked of the server afresh.

use crate::ui::reload_once;
use leptos::{
    prelude::{AnyView, Effect, IntoAny},
    tachys::view::iterators::StaticVec,
    wasm_split::SplitLoaderError,
};
use leptos_router::{ChooseView, IntoChooseViewMaybeErased, NestedRoute, PossibleRouteMatch, SsrMode};
use std::{pin::Pin, sync::Arc};

pub(crate) type Later<T> = Pin<Box<dyn Future<Output = T>>>;
type Path = Arc<dyn PossibleRouteMatch + Send + Sync>;

/// How a page comes to be.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    /// Its view, once its code is there.
    pub(crate) view: fn() -> Later<AnyView>,
    /// Its code.
    pub(crate) load: fn() -> Later<()>,
}

impl ChooseView for Page {
    fn choose(self) -> impl Future<Output = AnyView> {
        (self.view)()
    }

    fn preload(&self) -> impl Future<Output = ()> {
        (self.load)()
    }
}

/// As the router keeps it.
type Kept = <Page as IntoChooseViewMaybeErased>::Output;
type Leaf = NestedRoute<Path, (), (), Kept>;
type Frame = NestedRoute<Path, StaticVec<Leaf>, (), Kept>;

/// What [`crate::App`] gives the router.
pub(crate) type Frames = StaticVec<Frame>;

/// A page at a path, rendered whole: without script it is complete, and its status is known before the first byte.
pub(crate) fn leaf(path: impl PossibleRouteMatch + Send + Sync + 'static, page: Page) -> Leaf {
    let path: Path = Arc::new(path);
    NestedRoute::new(path, page).ssr_mode(SsrMode::Async)
}

/// A frame around pages whose paths begin alike.
pub(crate) fn frame(path: impl PossibleRouteMatch + Send + Sync + 'static, page: Page, pages: Vec<Leaf>) -> Frame {
    leaf(path, page).child(pages.into())
}

/// The view, if its code could be loaded.
pub(crate) fn loaded(view: Result<AnyView, SplitLoaderError>) -> AnyView {
    view.unwrap_or_else(|_| {
        Effect::new(|_| reload_once());
        ().into_any()
    })
}

/// A component as a [`Page`] of the first visit.
macro_rules! page {
    ($component:path) => {
        $crate::route::Page {
            view: || ::std::boxed::Box::pin(async { ::leptos::prelude::IntoAny::into_any($component()) }),
            load: || ::std::boxed::Box::pin(async {}),
        }
    };
}

/// The pages of an area, as a module with a [`Page`] by the name of each component. All go through one door, since each of
/// its own would be in everybody's first visit.
macro_rules! area {
    ($area:ident { $($folder:ident::$component:ident),* $(,)? }) => {
        mod $area {
            use ::leptos::prelude::{AnyView, IntoAny};
            use ::leptos::wasm_split::{SplitLoaderError, wasm_split};
            use $crate::route::{Later, Page, loaded};

            #[derive(Clone, Copy)]
            #[repr(u32)]
            enum Which { $($component),* }

            // What leptos' own `#[lazy]` does, save that it panics when the code cannot be loaded.
            #[wasm_split($area, wasm_split_path = ::leptos::wasm_split, preload(load_area), fallible)]
            fn open(which: u32) -> Result<AnyView, SplitLoaderError> {
                $crate::error::bring_words();
                Ok(match which {
                    $(_ if which == Which::$component as u32 => IntoAny::into_any($crate::$folder::$component()),)*
                    _ => IntoAny::into_any(()),
                })
            }

            fn view(which: Which) -> Later<AnyView> {
                ::std::boxed::Box::pin(async move {
                    ::leptos::prefetch_lazy_fn_on_server(::std::stringify!($area));
                    loaded(open(which as u32).await)
                })
            }

            fn load() -> Later<()> {
                ::std::boxed::Box::pin(async { ::std::mem::drop(load_area().await) })
            }

            $(
                #[expect(non_upper_case_globals, reason = "the name of its component")]
                pub(super) const $component: Page = Page { view: || view(Which::$component), load };
            )*
        }
    };
}
