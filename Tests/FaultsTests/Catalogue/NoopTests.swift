import Testing

@testable import Faults

struct NoopTests {
    @Test func `nothing happens, to any flow`() {
        let fault = Fault.noop(Noop())
        #expect(!fault.hasStage)
        #expect(Pipeline([fault]).isEmpty)
        #expect(!fault.concernsConnection)
        #expect(fault.endDelay == nil)
    }

    @Test func `it has no attributes, and says so`() throws {
        #expect(Noop.attributes.isEmpty)
        #expect(Noop().values.isEmpty)
        #expect(Noop().words == "nothing")
        #expect(try Fault(Noop.type, [:]) == .noop(Noop()))
    }

    @Test func `it is drawn like any other, so that others' fates stay`() {
        var (generator, other) = (SeededGenerator(seed: 7), SeededGenerator(seed: 7))
        #expect(Noop().effect(&generator, isConnection: false) == .stage(seed: other.next()))
        #expect(generator.next() == other.next())
    }
}
