import HTTPWire
import Testing

@testable import Faults

/// Who has the same turns as whom.
struct BandwidthCreditsTests {
    private func toxic(_ name: String, isShared: Bool = false) -> Toxic {
        Toxic(.bandwidth(Bandwidth(rate: 1, isShared: isShared)), stream: .downstream, name: name)
    }

    @Test func `exchanges of a connection share the credit of a toxic`() {
        let credits = BandwidthCredits()
        let first = credits.credit(of: toxic("a"))
        let again = credits.credit(of: toxic("a"))
        let other = credits.credit(of: toxic("b"))
        let elsewhere = BandwidthCredits().credit(of: toxic("a"))
        let same = [again, other, elsewhere].map { $0 === first }
        #expect(same == [true, false, false])
    }

    @Test func `connections share what is shared, and nothing else`() {
        let proxy = BandwidthCredits.ofProxy()
        let (one, two) = (BandwidthCredits(of: proxy), BandwidthCredits(of: proxy))
        for isShared in [true, false] {
            let first = one.credit(of: toxic("a", isShared: isShared))
            let second = two.credit(of: toxic("a", isShared: isShared))
            let isSame = first === second
            #expect(isSame == isShared)
        }
        let shared = one.credit(of: toxic("a", isShared: true))
        let proxys = proxy.credit(of: toxic("a", isShared: true))
        let isSame = shared === proxys
        #expect(isSame)
    }

    @Test func `a connection that is one exchange has its own, but for what is shared`() {
        let proxy = BandwidthCredits.ofProxy()
        for isShared in [true, false] {
            let first = proxy.credit(of: toxic("a", isShared: isShared))
            let second = proxy.credit(of: toxic("a", isShared: isShared))
            let isSame = first === second
            #expect(isSame == isShared)
        }
    }

    @Test func `what nobody has any more owes nothing`() {
        let credits = BandwidthCredits()
        let now = Instant(nanoseconds: 5)
        let turn = credits.credit(of: toxic("a")).reserve(1000, rate: 1, at: now)
        let next = credits.credit(of: toxic("a")).reserve(1, rate: 1, at: now)
        #expect(turn == next && next.position == 0)
    }

    @Test func `they do not keep the names of toxics that are gone`() {
        let credits = BandwidthCredits()
        let first = credits.credit(of: toxic("a"))
        for index in 0..<1000 { _ = credits.credit(of: toxic("\(index)")) }
        #expect(credits.count <= 2)
        let again = credits.credit(of: toxic("a"))
        let isSame = first === again
        #expect(isSame, "what somebody has is kept")
    }
}
