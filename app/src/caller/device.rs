//! Browser and system in words, from what a browser calls itself. For people to recognise; proves nothing.
//!
//! Browsers name those that they want to be taken for: nearly all say “Chrome” and “Safari”, so who says more stands first.
//! What cannot be told apart is called by what it says: Brave is Chrome, and an iPad that asks for desktop pages is a Mac.

const BROWSERS: [(&str, &str); 40] = [
    // In another app's own window.
    ("FBAN/", "Facebook"),
    ("FBAV/", "Facebook"),
    ("Instagram ", "Instagram"),
    ("LinkedInApp", "LinkedIn"),
    ("MicroMessenger/", "WeChat"),
    ("GSA/", "Google app"),
    // Of another name.
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("OPX/", "Opera GX"),
    ("OPiOS/", "Opera Mini"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("YaBrowser/", "Yandex Browser"),
    ("UCBrowser/", "UC Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("MiuiBrowser/", "Mi Browser"),
    ("HeyTapBrowser/", "HeyTap Browser"),
    ("VivoBrowser/", "Vivo Browser"),
    ("QQBrowser/", "QQ Browser"),
    ("Whale/", "Whale"),
    ("Silk/", "Silk"),
    ("OculusBrowser/", "Meta Quest Browser"),
    ("Ecosia ", "Ecosia"),
    ("Epiphany/", "GNOME Web"),
    ("Focus/", "Firefox Focus"),
    ("Klar/", "Firefox Klar"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    // Any other app on Android.
    ("; wv)", "App"),
    ("ArkWeb/", "Huawei Browser"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
];

const SYSTEMS: [(&str, &str); 13] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("iPod", "iPod"),
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Tizen", "Tizen"),
    ("Web0S", "webOS"),
    ("Linux", "Linux"),
    ("BSD", "BSD"),
];

/// “Firefox on Windows”, from the header `User-Agent`.
pub(super) fn device(agent: &str) -> String {
    let first =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name);
    match (first(&BROWSERS), first(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(one), None) | (None, Some(one)) => one.into(),
        (None, None) => "Unknown browser".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEBKIT: &str = "AppleWebKit/537.36 (KHTML, like Gecko)";
    const IOS: &str = "(iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

    #[track_caller]
    fn called(agent: &str, words: &str) {
        assert_eq!(device(&format!("Mozilla/5.0 {agent}")), words, "{agent}");
    }

    #[test]
    fn browsers_of_a_desktop() {
        let windows = format!("(Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/150.0.0.0 Safari/537.36");
        let mac = "(Macintosh; Intel Mac OS X 10_15_7)";
        called(&windows, "Chrome on Windows");
        called(&format!("{windows} Edg/150.0.0.0"), "Edge on Windows");
        called(&format!("{windows} OPR/132.0.0.0"), "Opera on Windows");
        called(&format!("{windows} Vivaldi/8.1"), "Vivaldi on Windows");
        called("(Windows NT 10.0; Win64; x64; rv:152.0) Gecko/20100101 Firefox/152.0", "Firefox on Windows");
        called("(X11; Linux x86_64; rv:152.0) Gecko/20100101 Firefox/152.0", "Firefox on Linux");
        called(
            &format!("{mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15"),
            "Safari on macOS",
        );
        called(
            &format!("{mac} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15 Ddg/26.0"),
            "DuckDuckGo on macOS",
        );
        called(&format!("(X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/150.0.0.0 Safari/537.36"), "Chrome on ChromeOS");
        called(
            "(X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15 Epiphany/48.0",
            "GNOME Web on Linux",
        );
        called(&format!("(X11; Linux x86_64) {WEBKIT} HeadlessChrome/150.0.0.0 Safari/537.36"), "Chrome on Linux");
    }

    #[test]
    fn browsers_of_an_iphone_say_all_that_they_are_safari() {
        called(&format!("{IOS} Version/26.0 Mobile/15E148 Safari/604.1"), "Safari on iPhone");
        called(&format!("{IOS} Version/18.0 EdgiOS/150.0.0.0 Mobile/15E148 Safari/604.1"), "Edge on iPhone");
        called(&format!("{IOS} CriOS/150.0.0.0 Mobile/15E148 Safari/604.1"), "Chrome on iPhone");
        called(&format!("{IOS} FxiOS/152.0 Mobile/15E148 Safari/605.1.15"), "Firefox on iPhone");
        called(&format!("{IOS} FxiOS/152.0 Focus/152.0 Mobile/15E148"), "Firefox Focus on iPhone");
        called(&format!("{IOS} Version/18.0 Mobile/15E148 Safari/604.1 OPT/6.1.0"), "Opera on iPhone");
        called(&format!("{IOS} Version/18.0 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15"), "DuckDuckGo on iPhone");
        called(&format!("{IOS} GSA/400.0 Mobile/15E148 Safari/604.1"), "Google app on iPhone");
        called(&format!("{IOS} Mobile/22H20 [FBAN/FBIOS;FBAV/540.0;FBDV/iPhone17,1]"), "Facebook on iPhone");
        called(&format!("{IOS} Mobile/22H20 [LinkedInApp]/9.31"), "LinkedIn on iPhone");
        called(
            "(iPad; CPU OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/150.0 Mobile/15E148 Safari/604.1",
            "Chrome on iPad",
        );
        // Of a mail program nothing but the system is known.
        called(&format!("{IOS} Mobile/15E148"), "iPhone");
    }

    #[test]
    fn browsers_of_android_say_all_that_they_are_chrome() {
        let android = format!("(Linux; Android 10; K) {WEBKIT}");
        called(&format!("{android} Chrome/150.0.0.0 Mobile Safari/537.36"), "Chrome on Android");
        called(
            &format!("{android} SamsungBrowser/31.0 Chrome/146.0.0.0 Mobile Safari/537.36"),
            "Samsung Internet on Android",
        );
        called(&format!("{android} Chrome/150.0.0.0 Mobile Safari/537.36 EdgA/150.0.0.0"), "Edge on Android");
        called(&format!("{android} Chrome/150.0.0.0 Mobile Safari/537.36 OPR/97.0.0.0"), "Opera on Android");
        called("(Android 16; Mobile; rv:152.0) Gecko/152.0 Firefox/152.0", "Firefox on Android");
        called(
            &format!(
                "(Linux; Android 15; 23049PCD8G) {WEBKIT} Version/4.0 Chrome/146.0.0.0 Mobile Safari/537.36 XiaoMi/MiuiBrowser/14.40"
            ),
            "Mi Browser on Android",
        );
        called(
            &format!(
                "(Linux; Android 12; HarmonyOS; NOH-NX9) {WEBKIT} Chrome/114.0.0.0 HuaweiBrowser/16.0 Mobile Safari/537.36"
            ),
            "Huawei Browser on HarmonyOS",
        );
        called(
            &format!("(Phone; OpenHarmony 6.0) {WEBKIT} Chrome/132.0.0.0 Safari/537.36 ArkWeb/6.0 Mobile"),
            "Huawei Browser on HarmonyOS",
        );
        called(
            &format!(
                "(Linux; Android 16; Pixel 10 Build/BP2A; wv) {WEBKIT} Version/4.0 Chrome/150.0.0.0 Mobile Safari/537.36"
            ),
            "App on Android",
        );
        called(
            &format!("(SMART-TV; LINUX; Tizen 9.0) {WEBKIT} 120.0.0.0/9.0 TV Safari/537.36 SamsungBrowser/27"),
            "Samsung Internet on Tizen",
        );
    }

    #[test]
    fn what_is_not_known_is_not_guessed_at() {
        assert_eq!(device("curl/8.17.0"), "curl");
        assert_eq!(device(""), "Unknown browser");
        assert_eq!(device("Mozilla/5.0 (Windows NT 10.0)"), "Windows");
        assert_eq!(device("<script>alert(1)</script>"), "Unknown browser", "nothing of it is ever repeated");
    }
}
