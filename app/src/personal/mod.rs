//! Who one is to Postern, everywhere one belongs, and the language it speaks (6.4).

mod api;
mod page;

pub(crate) use page::PersonalPage;
