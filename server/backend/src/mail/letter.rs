//! The one shape that all mails have, and its two forms. HTML and plain text are made of the same parts, so neither can
//! say what the other does not.

use askama::Template;

/// What a mail says, in the order in which it is read.
#[derive(Template)]
#[template(path = "mail/layout.html")]
pub struct Letter {
    /// Of the texts.
    pub language: String,
    /// A line.
    pub subject: String,
    /// First of all.
    pub greeting: String,
    /// What it is about.
    pub lead: Vec<String>,
    /// A code to be typed.
    pub code: Option<String>,
    /// Who, where, when.
    pub facts: Vec<Fact>,
    /// Where to go.
    pub action: Option<Action>,
    /// What to know besides.
    pub sections: Vec<Section>,
    /// Small print.
    pub footer: Vec<String>,
}

/// A line of the table.
pub struct Fact {
    /// What it tells.
    pub label: String,
    /// What it is.
    pub value: String,
}

/// One or two buttons that lead to one page.
pub struct Action {
    /// Where they lead.
    pub link: String,
    /// The first button.
    pub label: String,
    /// The second.
    pub other: Option<String>,
    /// Stands beside the plain link.
    pub note: String,
}

/// A heading with a paragraph, and a link if there is something to do.
pub struct Section {
    /// The heading.
    pub heading: String,
    /// The paragraph.
    pub text: String,
    /// Where to do it.
    pub link: Option<String>,
}

/// The width of plain text (RFC 3676 asks for at most 78).
const COLUMNS: usize = 78;

impl Letter {
    /// As HTML.
    pub fn html(&self) -> askama::Result<String> {
        self.render()
    }

    /// As plain text.
    pub fn text(&self) -> String {
        let mut blocks: Vec<String> = vec![wrapped(&self.greeting, "")];
        blocks.extend(self.lead.iter().map(|paragraph| wrapped(paragraph, "")));
        blocks.extend(self.code.iter().map(|code| format!("    {code}")));
        if !self.facts.is_empty() {
            let lines: Vec<String> =
                self.facts.iter().map(|fact| wrapped(&format!("{}: {}", fact.label, fact.value), "  ")).collect();
            blocks.push(lines.join("\n"));
        }
        if let Some(action) = &self.action {
            let labels = match &action.other {
                Some(other) => format!("{} / {other}", action.label),
                None => action.label.clone(),
            };
            blocks.push(format!(
                "{}\n{}\n{}",
                wrapped(&format!("{labels}:"), ""),
                action.link,
                wrapped(&action.note, "")
            ));
        }
        for section in &self.sections {
            let link = section.link.as_ref().map(|link| format!("\n{link}")).unwrap_or_default();
            blocks.push(format!(
                "{}\n{}{link}",
                wrapped(&section.heading, "").to_uppercase(),
                wrapped(&section.text, "")
            ));
        }
        blocks.push(format!(
            "{}\n{}",
            "-".repeat(8),
            self.footer.iter().map(|line| wrapped(line, "")).collect::<Vec<_>>().join("\n")
        ));
        blocks.join("\n\n") + "\n"
    }
}

/// Broken between words; further lines begin with `indent`. A word longer than a line, which is a link, stays whole.
fn wrapped(text: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            out.push('\n');
            out.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words() {
        let text = wrapped(&"word ".repeat(40), "  ");
        assert!(text.lines().all(|line| line.chars().count() <= COLUMNS), "{text}");
        assert!(text.lines().skip(1).all(|line| line.starts_with("  word")), "{text}");
        assert_eq!(text.split_whitespace().count(), 40);
    }

    #[test]
    fn a_link_stays_whole() {
        let link = format!("https://postern.example/{}", "x".repeat(100));
        assert!(wrapped(&format!("Go to {link} now"), "").lines().any(|line| line == link));
    }
}
