//! Where a network address is, by the operator's database: in words wherever the address stands, and told of when a
//! recognised browser is in another country (3.9).

use crate::support::{Browser, Person, World};
use backend::{Backend, places::Places, sessions};
use domain::sessions::Standing;
use std::{net::IpAddr, sync::Arc};

const BERLIN: [u8; 4] = [192, 0, 2, 7];
const OSLO: [u8; 4] = [198, 51, 100, 7];

/// Writes a database in MaxMind's format (version 2.0): two networks of IPv4, in records of 24 bits.
fn database() -> Vec<u8> {
    let mut data = Vec::new();
    let mut at = Vec::new();
    for (country, name, town) in [("DE", "Germany", Some("Berlin")), ("NO", "Norway", None)] {
        at.push(data.len());
        let names = |name: &str| map(&[("en", text(name))]);
        let mut fields = vec![("country", map(&[("iso_code", text(country)), ("names", names(name))]))];
        fields.extend(town.map(|town| ("city", map(&[("names", names(town))]))));
        data.extend(map(&fields));
    }
    // A tree of bits; each node is where 0 and 1 lead: to another node, to nothing, or to data.
    let mut nodes: Vec<[Option<Leads>; 2]> = vec![[None, None]];
    for (number, network) in [[192, 0, 2], [198, 51, 100]].into_iter().enumerate() {
        let bits: Vec<usize> = (0..24).map(|bit| usize::from(network[bit / 8] as u8 >> (7 - bit % 8) & 1)).collect();
        let mut node = 0;
        for (depth, bit) in bits.into_iter().enumerate() {
            if depth == 23 {
                nodes[node][bit] = Some(Leads::ToData(at[number]));
            } else if let Some(Leads::ToNode(next)) = nodes[node][bit] {
                node = next;
            } else {
                nodes.push([None, None]);
                let next = nodes.len() - 1;
                nodes[node][bit] = Some(Leads::ToNode(next));
                node = next;
            }
        }
    }
    let count = nodes.len();
    let record = |leads: Option<Leads>| match leads {
        None => count,
        Some(Leads::ToNode(node)) => node,
        Some(Leads::ToData(offset)) => count + 16 + offset,
    };
    let mut file: Vec<u8> =
        nodes.iter().flatten().flat_map(|leads| (record(*leads) as u32).to_be_bytes()[1..].to_vec()).collect();
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    file.extend(map(&[
        ("node_count", number(6, count as u64)),
        ("record_size", number(5, 24)),
        ("ip_version", number(5, 4)),
        ("database_type", text("Test-City")),
        ("languages", vec![0x00, 4]),
        ("binary_format_major_version", number(5, 2)),
        ("binary_format_minor_version", number(5, 0)),
        ("build_epoch", [vec![0x08, 2], 1_u64.to_be_bytes().to_vec()].concat()),
        ("description", map(&[])),
    ]));
    file
}

#[derive(Clone, Copy)]
enum Leads {
    ToNode(usize),
    ToData(usize),
}

fn text(text: &str) -> Vec<u8> {
    assert!(text.len() < 29);
    [vec![2 << 5 | text.len() as u8], text.as_bytes().to_vec()].concat()
}

/// Of type 5, 16 bits, or 6, 32 bits.
fn number(kind: u8, number: u64) -> Vec<u8> {
    let bytes = if kind == 5 { 2 } else { 4 };
    [vec![kind << 5 | bytes], number.to_be_bytes()[8 - usize::from(bytes)..].to_vec()].concat()
}

fn map(fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let pairs = fields.iter().flat_map(|(name, value)| [text(name), value.clone()].concat());
    std::iter::once(7 << 5 | fields.len() as u8).chain(pairs).collect()
}

async fn server(world: &World) -> Backend {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), database()).unwrap();
    let places = Arc::new(Places::open(file.path()).unwrap());
    world.server_set_up(9, |settings| settings.places = Some(places)).await
}

/// The same browser, elsewhere.
fn go<'w>(mut browser: Browser<'w>, server: &Backend, address: [u8; 4]) -> Browser<'w> {
    browser.visitor.address = Some(IpAddr::from(address));
    browser.visitor = browser.visitor.located_by(server);
    browser
}

async fn subjects(world: &World, person: &Person) -> Vec<String> {
    world.look_at_notices();
    let mails = world.deliver().await;
    mails.into_iter().filter(|mail| mail.to == person.email).map(|mail| mail.subject).collect()
}

#[test]
fn a_file_that_is_none_is_refused() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for bytes in [&b""[..], b"no database", b"\xab\xcd\xefMaxMind.com"] {
        std::fs::write(file.path(), bytes).unwrap();
        assert!(Places::open(file.path()).is_err(), "{bytes:?}");
    }
    assert!(Places::open(std::path::Path::new("/no/such/file")).is_err());
    std::fs::write(file.path(), database()).unwrap();
    let places = Places::open(file.path()).unwrap();
    let of = |address: &str| places.of(address.parse().unwrap()).map(|place| (place.words, place.country));
    assert_eq!(of("192.0.2.7"), Some(("Berlin, Germany".into(), "DE".into())));
    assert_eq!(of("::ffff:192.0.2.7"), Some(("Berlin, Germany".into(), "DE".into())));
    assert_eq!(of("198.51.100.1"), Some(("Norway".into(), "NO".into())), "a country alone");
    for nowhere in ["203.0.113.9", "127.0.0.1", "2001:db8::1"] {
        assert_eq!(of(nowhere), None, "{nowhere}");
    }
    assert_eq!(places.kind(), "Test-City");
}

on_each_database!(a_browser_in_another_country_is_told_of_once, async |world| {
    let server = server(world).await;
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut laptop = go(world.browser(), &server, BERLIN);
    assert_eq!(laptop.sign_in(&bruno).await, Standing::Enter);
    subjects(world, &bruno).await;
    let mine = sessions::mine(&world.backend, &laptop.me().await).await.unwrap();
    assert_eq!(mine.devices[0].place, "Berlin, Germany (192.0.2.7)");
    laptop.password(&bruno).await.unwrap();
    assert!(subjects(world, &bruno).await.is_empty(), "nothing new");

    let mut laptop = go(laptop, &server, OSLO);
    assert_eq!(laptop.password(&bruno).await.unwrap(), Standing::Enter);
    assert_eq!(subjects(world, &bruno).await, ["Sign-in from another country"]);
    let mail = world.mailbox.mails().pop().unwrap();
    assert!(mail.text.contains("Norway (198.51.100.7)"), "{}", mail.text);
    // There and back again is no news.
    let mut laptop = go(laptop, &server, BERLIN);
    laptop.password(&bruno).await.unwrap();
    let mut laptop = go(laptop, &server, OSLO);
    laptop.password(&bruno).await.unwrap();
    assert!(subjects(world, &bruno).await.is_empty());
    // Where nobody knows, nothing is said.
    let mut laptop = go(laptop, &server, [203, 0, 113, 9]);
    laptop.password(&bruno).await.unwrap();
    assert!(subjects(world, &bruno).await.is_empty());
});

on_each_database!(a_browser_from_before_there_was_a_database_begins_where_it_is, async |world| {
    let account = world.account("Freehold").free().await;
    let bruno = world.user("Bruno").manager_of(&account).await;
    let mut laptop = world.browser();
    laptop.sign_in(&bruno).await;
    subjects(world, &bruno).await;
    let server = server(world).await;
    let mut laptop = go(laptop, &server, OSLO);
    laptop.password(&bruno).await.unwrap();
    assert!(subjects(world, &bruno).await.is_empty());
    let mut laptop = go(laptop, &server, BERLIN);
    laptop.password(&bruno).await.unwrap();
    assert_eq!(subjects(world, &bruno).await, ["Sign-in from another country"]);
});
