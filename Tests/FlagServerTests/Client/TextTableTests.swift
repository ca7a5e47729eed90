import Testing

@testable import flagserver

struct TextTableTests {
    private let rows = [
        TextTable.Row(["NAME", "N"], last: ["DOES"]),
        TextTable.Row(["error", "12"], last: ["25 % → 418", "50 % → 0.5 s"]),
    ]

    @Test func `columns are as wide as their widest cell, numbers at their right`() {
        #expect(
            TextTable.text(rows, right: 1..<2, columns: nil)
                == "NAME    N  DOES\nerror  12  25 % → 418, 50 % → 0.5 s\n")
        #expect(TextTable.text([], columns: 80) == "")
    }

    @Test func `the last column goes on below where the line is too short for it`() {
        #expect(
            TextTable.text(rows, right: 1..<2, columns: 34)
                == "NAME    N  DOES\nerror  12  25 % → 418\n           50 % → 0.5 s\n")
        #expect(TextTable.text(rows, columns: 35).split(separator: "\n").count == 2)
    }
}
