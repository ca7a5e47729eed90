import Testing

@testable import flagserver

struct CommandEnvironmentTests {
    @Test func `nothing leads a client past our servers, and nothing of ours alone is handed on`() {
        let names = [
            "http_proxy=a", "HTTPS_PROXY=b", "No_Proxy=c", "PATH=/bin", "PROXY=d", "X=http_proxy=",
            "NOTIFY_SOCKET=e", "FLAGSERVER_CONTROL_TOKEN=f",
        ].map { Array($0.utf8CString) }
        let kept = CommandEnvironment.variables(names)
        #expect(kept == [names[3], names[4], names[5]])
    }
}
