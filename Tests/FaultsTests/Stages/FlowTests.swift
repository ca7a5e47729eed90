import HTTPWire
import Testing

@testable import Faults

struct FlowTests {
    @Test func `the same bytes are a part of one storage, not equal ones`() {
        let bytes = Bytes("abcdef")
        #expect(Flow.bytes(bytes).isSame(as: .bytes(bytes)))
        #expect(Flow.bytes(bytes[1..<3]).isSame(as: .bytes(bytes[1..<3])))
        #expect(!Flow.bytes(bytes[1..<3]).isSame(as: .bytes(bytes[1..<4])))
        #expect(!Flow.bytes(bytes).isSame(as: .bytes(Bytes("abcdef"))))
        #expect(!Flow.bytes(bytes).isSame(as: .bytes(bytes.marked(.behindLoss))))
    }

    @Test func `what carries nothing is the same if it says the same`() {
        let flows: [Flow] = [.boundary, .end, .cut(.fin), .cut(.rst), .bytes(Bytes("x"))]
        for (index, flow) in flows.enumerated() {
            #expect(flows.map { flow.isSame(as: $0) } == flows.indices.map { $0 == index })
        }
    }
}
