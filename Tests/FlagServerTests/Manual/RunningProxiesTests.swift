import Testing

@testable import flagserver

struct RunningProxiesTests {
    @Test(arguments: ["http://127.0.0.1:1", "127.0.0.1:1", "https://127.0.0.1:1", "no place", ""])
    func `where nothing answers there are none`(url: String) {
        let found = RunningProxies.names { name in
            name == "FLAGS_CONTROL_URL" ? url : name == "TOXIPROXY_URL" ? "127.0.0.1:1" : nil
        }
        #expect(found == nil)
    }
}
