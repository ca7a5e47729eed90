import Testing

@testable import Sweeping

struct StudentTTests {
    @Test(arguments: [
        (1, 12.7062), (2, 4.3027), (3, 3.1824), (4, 2.7764), (5, 2.5706), (9, 2.2622), (10, 2.2281),
        (11, 2.2010), (12, 2.1788), (20, 2.0860), (30, 2.0423), (60, 2.0003), (120, 1.9799),
        (1000, 1.9623), (1000000, 1.9600),
    ])
    func `the quantile is right to four decimals`(degrees: Int, quantile: Double) {
        let found = StudentT.quantile(degreesOfFreedom: degrees)
        #expect((found - quantile).magnitude < 0.000_06)
    }

    @Test func `without a degree of freedom anything is possible`() {
        #expect(StudentT.quantile(degreesOfFreedom: 0) == .infinity)
        #expect(StudentT.quantile(degreesOfFreedom: -1) == .infinity)
    }
}
