import HTTPWire
import Testing

@testable import Records

struct LeavingBytesTests {
    private let head = Bytes("HTTP/1.1 200 OK\r\n\r\n").asHead

    /// `3\r\nabc\r\n0\r\n\r\n`, with its three bytes of content.
    private var chunk: Bytes {
        let bytes = Array("3\r\nabc\r\n0\r\n\r\n".utf8)
        return bytes.withUnsafeBytes { Bytes(ByteStorage(copying: $0, content: [3..<6])) }
    }

    @Test func `only content counts as content`() {
        let leaving = LeavingBytes()
        leaving.add(head)
        leaving.add(Bytes("body"))
        leaving.add(chunk)
        #expect(leaving.count == 19 + 4 + 13)
        #expect(leaving.content == 7)
        #expect(leaving.hasUnharmed(36) && !leaving.hasUnharmed(37) && !leaving.hasUnharmed(0))
        #expect(!leaving.isMangled)
    }

    @Test func `what lies between two pieces of content counts once`() {
        let leaving = LeavingBytes()
        leaving.add(20, content: [3..<6, 10..<14])
        #expect(leaving.count == 20 && leaving.content == 7)
        leaving.lose(7, untaken: 0)
        #expect(leaving.count == 13 && leaving.content == 6)
    }

    @Test func `of chunks cut anywhere exactly the content counts`() {
        for cut in 0...chunk.count {
            let leaving = LeavingBytes()
            leaving.add(chunk[0..<cut])
            #expect(leaving.content == min(max(cut - 3, 0), 3), "\(cut)")
            #expect(leaving.count == cut, "\(cut)")
            let rest = LeavingBytes()
            rest.add(chunk[cut..<chunk.count])
            #expect(rest.content == 3 - leaving.content, "\(cut)")
        }
    }

    @Test func `what is lost at any place takes just its own content along`() {
        for lost in 0...36 {
            let leaving = LeavingBytes()
            leaving.add(head)
            leaving.add(Bytes("body"))
            leaving.add(chunk)
            leaving.lose(lost, untaken: 0)
            let left = 36 - lost
            let content = min(max(left - 19, 0), 4) + min(max(left - 26, 0), 3)
            #expect(leaving.count == left && leaving.content == content, "\(lost)")
            #expect(leaving.hasHonestBytes, "the kernel had taken some")
        }
    }

    @Test func `what nobody has taken has not left`() {
        let leaving = LeavingBytes()
        leaving.add(head)
        leaving.lose(19, untaken: 19)
        #expect(!leaving.hasHonestBytes && leaving.count == 0)
    }

    @Test func `foreign bytes mangle, and are no content`() {
        let leaving = LeavingBytes()
        leaving.add(head)
        leaving.add(Bytes("????").marked(.foreign))
        leaving.add(Bytes("body"))
        #expect(leaving.isMangled && leaving.content == 4 && leaving.hasUnharmed(19))
        leaving.lose(8, untaken: 8)
        #expect(!leaving.isMangled, "they have not left after all")
    }

    @Test func `bytes behind a loss mangle, and the status is not harmed by what comes later`() {
        let leaving = LeavingBytes()
        leaving.add(Bytes("body").marked(.behindLoss))
        #expect(leaving.isMangled && leaving.content == 4 && !leaving.hasUnharmed(1))
    }

    @Test func `runs without end are bounded`() {
        let leaving = LeavingBytes()
        for _ in 0..<20_000 { leaving.add(chunk) }
        #expect(leaving.content == 60_000)
        leaving.lose(13 * 100, untaken: 0)
        #expect(leaving.content == 60_000 - 300)
    }
}
