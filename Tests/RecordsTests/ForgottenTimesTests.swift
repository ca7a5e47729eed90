import Testing

@testable import Records

struct ForgottenTimesTests {
    @Test func `of a few it is known exactly how many were over later`() {
        var times = ForgottenTimes()
        #expect(times.count(after: .min) == 0)
        for time in 1...255 {
            times.add(Int64(time))
            for asked in [0, 1, time - 1, time, time + 1] {
                #expect(times.count(after: Int64(asked)) == max(time - asked, 0))
            }
        }
    }

    @Test func `of many it is never too few, and a 128th too many at most`() {
        var times = ForgottenTimes()
        for time in 1...100_000 {
            times.add(Int64(time))
            guard time % 997 == 0 else { continue }
            for asked in stride(from: 0, through: time, by: max(time / 50, 1)) {
                let told = Int(times.count(after: Int64(asked)))
                #expect(told >= time - asked && told <= time - asked + time / 128)
            }
            #expect(times.count(after: Int64(time)) == 0)
        }
    }

    @Test func `a clock that was set back hides none`() {
        var times = ForgottenTimes()
        for time: Int64 in [10, 20, 5, 6, 30] { times.add(time) }
        #expect(times.count(after: 9) == 5 && times.count(after: 10) == 4)
        #expect(times.count(after: 20) == 1 && times.count(after: 30) == 0)
    }
}
