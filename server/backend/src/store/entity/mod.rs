//! The tables as rows. Times are milliseconds since the Unix epoch; what the columns mean is said in the migrations.
#![expect(missing_docs, reason = "the columns are explained where they are made, in the migrations")]

pub mod account;
pub mod audit_entry;
pub mod authenticator;
pub mod bulk_change;
pub mod bulk_change_line;
pub mod bulk_reset;
pub mod bulk_reset_item;
pub mod device_code;
pub mod email_change;
pub mod headcount;
pub mod help_call;
pub mod installation;
pub mod invitation;
pub mod knock;
pub mod known_device;
pub mod link_request;
pub mod loosening;
pub mod membership;
pub mod mfa_reset;
pub mod mfa_reset_voice;
pub mod notice_email_code;
pub mod operator_change;
pub mod outbox;
pub mod passkey_ceremony;
pub mod password_reset;
pub mod portfolio;
pub mod recovery_code;
pub mod recovery_code_set;
pub mod role;
pub mod session;
pub mod session_proof;
pub mod sms_code;
pub mod tenure;
pub mod throttle;
pub mod user;
