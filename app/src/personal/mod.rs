//! Who one is to Postern, everywhere one belongs, and the language it speaks (6.4).

mod api;
mod page;
mod time_zone_page;

pub(crate) use page::PersonalPage;
pub(crate) use time_zone_page::TimeZonePage;
