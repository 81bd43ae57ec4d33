//! Building blocks that know no domain and no server function: labels and addresses come in. Their looks are in
//! `style/ui/`, a file a component, by the same names.
//!
//! A plain element with a class is preferred over a component that would only add the class: `<button class="button">`
//! needs none. What is here has behaviour, or parts that must be tied together by id.

mod badge;
mod browser;
mod button;
mod copy;
mod countdown;
mod dialog;
mod emphasis;
mod facts;
mod field;
mod filter;
pub(crate) mod form;
mod icon;
mod menu;
mod notice;
mod number;
mod page_head;
mod pager;
mod post;
mod print;
mod qr;
mod refresh;
mod skeleton;
mod time;
mod toast;
mod zoned;

pub(crate) use badge::{Avatar, Badge, Tone};
pub(crate) use browser::{
    after, check_all, checked, close_popover, focus, guessed, is_checked, is_open, of_document, on_mac, passkey, press,
    reload_once, remember_time_zone, reveal, toggle_popover, typed,
};
pub(crate) use button::{LinkButton, Submit, Weight};
pub(crate) use copy::CopyButton;
pub(crate) use countdown::{Countdown, Throttle};
pub(crate) use dialog::Dialog;
pub(crate) use emphasis::{emphasised, strong};
pub(crate) use facts::{Fact, Facts};
pub(crate) use field::{CodeField, Entry, SelectField, SwitchField, TextArea, TextField};
pub(crate) use filter::{Choice, FilterChip, SearchField};
pub(crate) use icon::Icon;
pub(crate) use menu::{Menu, MenuItem, MenuRefusal, RowMenu};
pub(crate) use notice::{Done, Empty, Notice};
pub(crate) use number::counted;
pub(crate) use page_head::PageHead;
pub(crate) use pager::{Pager, SortHeading};
pub(crate) use post::{Post, PostForm, use_post};
pub(crate) use print::PrintButton;
pub(crate) use qr::{BackupCodeList, QrCode, SecretKey};
pub(crate) use refresh::Refresh;
pub(crate) use skeleton::Skeleton;
pub(crate) use time::{Time, clock};
pub(crate) use toast::{Toast, Toasts};
pub(crate) use zoned::{When, at_zoned, zoned};

/// A text that is handed in: a literal of the message files, or made of one.
pub(crate) type Text = leptos::prelude::Oco<'static, str>;
