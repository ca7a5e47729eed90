import Testing

@testable import flagserver

struct TextTableTests {
    private let table = TextTable(
        head: .init(["NAME", "N"], last: ["DOES"]),
        rows: [
            .init(["error", "12"], last: ["25 % → 418", "50 % → 0.5 s"]),
            .init(["local", "3"], last: ["no faults"]),
        ], right: 1..<2)

    @Test func `columns are as wide as their widest cell, numbers at their right`() {
        let wide = """
            NAME    N  DOES
            error  12  25 % → 418, 50 % → 0.5 s
            local   3  no faults

            """
        #expect(table.text(columns: nil) == wide)
        #expect(table.text(columns: 35) == wide)
        #expect(TextTable(head: nil, rows: []).text(columns: 80) == "")
    }

    @Test func `the last column goes on in the next line where it does not fit`() {
        #expect(
            table.text(columns: 34) == """
                NAME    N  DOES
                error  12  25 % → 418
                           50 % → 0.5 s
                local   3  no faults

                """)
    }

    @Test func `on a narrow terminal it stands below the others`() {
        #expect(
            table.text(columns: 22) == """
                NAME    N
                error  12
                       25 % → 418
                       50 % → 0.5 s
                local   3
                       no faults

                """)
    }
}
