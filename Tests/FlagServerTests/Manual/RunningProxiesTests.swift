import Testing

@testable import flagserver

struct RunningProxiesTests {
    @Test func `the names are those of the answer's object`() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 21\r\n\r\n{\"db\":{},\"error\":{}}\n"
        #expect(RunningProxies.names(in: Array(answer.utf8)) == ["db", "error"])
    }

    @Test(arguments: [
        "", "HTTP/1.1 401 Unauthorized\r\n\r\n{}", "HTTP/1.1 200 OK\r\n\r\n[]", "SSH-2.0\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n{}",
    ])
    func `another answer is none`(answer: String) {
        #expect(RunningProxies.names(in: Array(answer.utf8)) == nil)
    }

    @Test(arguments: [
        ("http://localhost:8474", "localhost:8474"), ("localhost:1", "localhost:1"),
        ("http://[::1]:2/", "[::1]:2"), ("", ""),
    ])
    func `a URL says where to ask`(url: String, authority: String) {
        #expect(RunningProxies.authority(url) == authority)
    }
}
