import Records
import Testing

struct JSONFractionTests {
    @Test(arguments: [
        (0.2, "0.2"), (1, "1"), (0, "0"), (1e-7, "1e-7"), (0.33333334, "0.33333334"),
        (0.5, "0.5"), (0.000_001, "0.000001"), (0.000_000_9, "9e-7"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"), (1.5e-10, "1.5e-10"), (123.25, "123.25"), (-0.25, "-0.25"), (100, "100"),
        (0.1, "0.1"), (0.000_123, "0.000123"), (16_777_216, "16777216"), (1.25e22, "1.25e+22"),
    ])
    func `fractions have their shortest digits`(_ value: Double, _ text: String) {
        #expect(JSONFraction.text(value) == text)
    }

    @Test func `what is no short decimal has all that it needs`() {
        #expect(JSONFraction.text(0.1 + 0.2) == "0.30000000000000004")
    }
}
