import Downloading
import Testing

@testable import flagserver

struct SiteChecksumsTests {
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    private func checksums(_ text: String) -> SiteChecksums { SiteChecksums(Array(text.utf8)) }

    @Test(arguments: ["\(abc)  br/br.gif\n", "\(abc) *br/br.gif\r\n", "x\n\(abc)  ./br/br.gif"])
    func `lines are read as sha256sum writes them`(text: String) {
        #expect(checksums(text).failure(Array("abc".utf8), of: "br/br.gif") == nil)
    }

    @Test func `other bytes and missing lines are failures`() {
        let sums = checksums("\(Self.abc)  br/br.gif\n")
        let wrong = sums.failure(Array("abd".utf8), of: "br/br.gif")
        #expect(wrong?.kind == .checksum)
        #expect(wrong?.description.contains("not ba7816bf… as SHA256SUMS says") == true)
        #expect(sums.failure([], of: "cn/cn.gif")?.description == "SHA256SUMS has no cn/cn.gif")
    }

    @Test(arguments: ["", "\n\n", "deadbeef  br/br.gif\n", "<html>"])
    func `what has no checksum is empty`(text: String) {
        #expect(checksums(text).isEmpty)
    }
}
