//! A file of lines, as spreadsheets write them (RFC 4180): a first line that names the columns, `,`, `;` or tabs between
//! fields. Whatever it holds is text; a formula is an address that is none.

use domain::bulk_change::{FILE_BYTES, FileProblem, MOST, Wish};

/// The names of columns that are read; what else is there is left alone, so that an export can be read again.
/// Of several names of one column the first counts: an “address” beside an “email” is where somebody lives.
const ADDRESS: [&str; 3] = ["email", "e-mail", "address"];
const ROLE: [&str; 1] = ["role"];
const ACCOUNT: [&str; 1] = ["account"];
/// Of an export from a portfolio: who has no role there has one in these.
const ACCOUNTS: [&str; 1] = ["accounts"];
/// No role is called longer.
const ROLE_CHARACTERS: usize = 100;

/// Reads a file of at most [`FILE_BYTES`] and [`MOST`] lines. Who has no role in it is to have `role`.
///
/// # Errors
/// With the line it is in, where it is in one.
pub fn read(bytes: &[u8], role: &str) -> Result<Vec<Wish>, (FileProblem, Option<u64>)> {
    if bytes.len() > FILE_BYTES || role.chars().nth(ROLE_CHARACTERS).is_some() {
        return Err((FileProblem::TooLong, None));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        // Two bytes a character: the trouble begins at the first.
        (FileProblem::NotText, (error.valid_up_to() > 0).then_some(line))
    })?;
    if text.contains('\0') {
        return Err((FileProblem::NotText, None));
    }
    // Lines are told from each other by one sign, so that they are counted as an editor does.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
    let first = text.lines().next().unwrap_or_default();
    let between = [b'\t', b';', b','].into_iter().max_by_key(|one| first.bytes().filter(|byte| byte == one).count());
    let mut lines =
        csv::ReaderBuilder::new().delimiter(between.unwrap_or(b',')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let broken = |error: csv::Error| (FileProblem::Broken, error.position().map(csv::Position::line));
    let named = lines.headers().map_err(broken)?.clone();
    let at = |wanted: &&str| named.iter().position(|name| name.to_lowercase() == **wanted);
    let column = |names: &[&str]| names.iter().find_map(at);
    if named.iter().all(str::is_empty) {
        return Err((FileProblem::Empty, None));
    }
    let address = column(&ADDRESS).ok_or((FileProblem::NoAddresses, None))?;
    let (roles, account, elsewhere) = (column(&ROLE), column(&ACCOUNT), column(&ACCOUNTS));
    let mut wishes = Vec::new();
    for record in lines.records() {
        let record = record.map_err(broken)?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if wishes.len() == MOST {
            return Err((FileProblem::TooLong, None));
        }
        let field = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let line = record.position().map_or(0, |at| at.line() + empty_lines(&text, at.byte()));
        let own = Some(plain(field(roles))).filter(|role| !role.is_empty());
        // They are not asked into the portfolio because its list names them: their accounts are no account.
        let account = if account.is_none() && own.is_none() { field(elsewhere) } else { field(account) };
        wishes.push(Wish {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            address: plain(field(Some(address))).to_owned(),
            role: own.unwrap_or(role).to_owned(),
            account: plain(account).to_owned(),
        });
    }
    if wishes.is_empty() { Err((FileProblem::Empty, None)) } else { Ok(wishes) }
}

/// How many empty lines stand at this byte, where the reader has a record begin that comes after them.
fn empty_lines(text: &str, byte: u64) -> u64 {
    let rest = usize::try_from(byte).ok().and_then(|byte| text.as_bytes().get(byte..)).unwrap_or_default();
    rest.iter().take_while(|byte| **byte == b'\n').count() as u64
}

/// Without the sign that an export puts before what a spreadsheet would take for a formula.
fn plain(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) => rest,
        _ => field,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(u32, String, String, String)> {
        let wishes = read(text.as_bytes(), "support").unwrap();
        wishes.into_iter().map(|wish| (wish.line, wish.address, wish.role, wish.account)).collect()
    }

    fn line(line: u32, address: &str, role: &str, account: &str) -> (u32, String, String, String) {
        (line, address.into(), role.into(), account.into())
    }

    #[test]
    fn columns_go_by_name_whatever_is_between_them() {
        let said = [line(2, "a@x.example", "analyst", ""), line(3, "b@x.example", "support", "")];
        for text in [
            "email,role\na@x.example,analyst\nb@x.example,\n",
            "Name;E-Mail;Role\r\nA;a@x.example;analyst\r\nB;b@x.example;\r\n",
            "\u{feff}role\taddress\nanalyst\ta@x.example\n\tb@x.example",
        ] {
            assert_eq!(lines(text), said, "{text:?}");
        }
        assert_eq!(
            lines("email,account\n\"a@x.example\",\"North\nwind, Inc\"\n\n  c@x.example , \n"),
            [line(2, "a@x.example", "support", "North\nwind, Inc"), line(5, "c@x.example", "support", "")]
        );
    }

    #[test]
    fn a_formula_is_text_and_what_an_export_kept_harmless_is_read_again() {
        assert_eq!(
            lines("email,account\n=HYPERLINK(1),x\n'@x.example,'-A\n"),
            [line(2, "=HYPERLINK(1)", "support", "x"), line(3, "@x.example", "support", "-A")]
        );
    }

    #[test]
    fn where_somebody_lives_is_no_address_of_theirs() {
        let text = "Name,Address,E-mail\nAnn,1 Long Road,ann@x.example\n";
        assert_eq!(lines(text), [line(2, "ann@x.example", "support", "")]);
    }

    #[test]
    fn an_export_of_a_portfolio_asks_nobody_into_it_who_is_in_its_accounts() {
        let text = "name,address,role,accounts\nAnn,ann@x.example,,Northwind: admin\nBo,bo@x.example,'+Desk,\n";
        let said = [line(2, "ann@x.example", "support", "Northwind: admin"), line(3, "bo@x.example", "+Desk", "")];
        assert_eq!(lines(text), said);
    }

    #[test]
    fn what_cannot_be_read_says_why_and_where() {
        let problem = |bytes: &[u8]| read(bytes, "support").unwrap_err();
        assert_eq!(problem(b""), (FileProblem::Empty, None));
        assert_eq!(problem(b"email,role\n\n"), (FileProblem::Empty, None));
        assert_eq!(problem(b"name,role\nA,analyst\n"), (FileProblem::NoAddresses, None));
        assert_eq!(problem(b"email\na@x.example\nJos\xe9@x.example\n"), (FileProblem::NotText, Some(3)));
        let wide: Vec<u8> = "email\na@x.example".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(problem(&wide), (FileProblem::NotText, None));
        assert_eq!(problem(&[&[0xff, 0xfe], &wide[..]].concat()), (FileProblem::NotText, None));
        assert_eq!(problem(b"email,role\na@x.example,analyst,more\n"), (FileProblem::Broken, Some(2)));
        assert_eq!(problem(&vec![b'a'; FILE_BYTES + 1]), (FileProblem::TooLong, None));
        // A role is written into every line that has none.
        let role = "x".repeat(8 << 20);
        assert_eq!(read(b"email\na@x.example\n", &role).unwrap_err(), (FileProblem::TooLong, None));
        let many = format!("email\n{}", "a@x.example\n".repeat(MOST + 1));
        assert_eq!(problem(many.as_bytes()), (FileProblem::TooLong, None));
    }
}
