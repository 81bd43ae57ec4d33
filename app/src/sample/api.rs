use crate::error::AppError;
use leptos::prelude::*;

#[server]
pub(crate) async fn greeting() -> Result<String, AppError> {
    Ok("Hello from the server".into())
}

#[server]
pub(crate) async fn greet(name: String) -> Result<(), AppError> {
    if name.is_empty() {
        return Err(AppError::Invalid(domain::errors::FieldErrors::one(
            domain::errors::Field::Name,
            domain::errors::Problem::Text(domain::person::TextProblem::Empty),
        )));
    }
    leptos_axum::redirect("/sample?greeted");
    Ok(())
}
