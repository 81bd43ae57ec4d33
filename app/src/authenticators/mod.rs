//! One's own second factors: binding an authenticator app, the methods one has, the codes one saves.

mod api;
mod backup_codes_page;
mod enrol_page;
mod grace_banner;
mod new_backup_codes_page;
mod own_method;
mod remove_page;
mod rename_page;
mod security_page;

pub(crate) use api::mine as own_methods;
pub(crate) use backup_codes_page::BackupCodesPage;
pub(crate) use enrol_page::{EnrolPage, WayOut};
pub(crate) use grace_banner::GraceBanner;
pub(crate) use new_backup_codes_page::NewBackupCodesPage;
pub(crate) use remove_page::RemoveMethodPage;
pub(crate) use rename_page::RenameMethodPage;
pub(crate) use security_page::MySecurityPage;

use domain::authenticators::FactorKind;

/// What a kind of method is called.
pub(crate) fn kind_text(kind: FactorKind) -> &'static str {
    match kind {
        FactorKind::Totp => tr!("authenticators.kind.totp"),
        FactorKind::Sms => tr!("authenticators.kind.sms"),
        FactorKind::Passkey => tr!("authenticators.kind.passkey"),
    }
}
