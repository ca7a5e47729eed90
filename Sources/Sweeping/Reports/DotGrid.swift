/// Cells of a terminal with dots in them: 2 × 4 in braille, 2 × 2 in blocks, one in ASCII.
struct DotGrid {
    /// What is drawn; a later one hides those before it where a cell can show only one.
    enum Layer: Int, CaseIterable {
        case ideal, model, knee, point, recommended
    }

    private struct Cell {
        var bits = 0
        var layer: Layer?
    }

    /// The bit of a dot, row by row: as Unicode numbers them in braille.
    private static let brailleBits = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
    /// By bits: left above 1, right above 2, left below 4, right below 8.
    private static let quarters = Array(" ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█")

    let columns: Int
    let rows: Int
    private let style: TextStyle
    private var cells: [Cell]

    /// - Parameters: cells, at least 1.
    init(columns: Int, rows: Int, style: TextStyle) {
        (self.columns, self.rows) = (max(columns, 1), max(rows, 1))
        self.style = style
        cells = Array(repeating: Cell(), count: self.columns * self.rows)
    }

    /// Dots in a cell, across and down.
    private var density: (across: Int, down: Int) {
        switch style.glyphs {
        case .braille: (2, 4)
        case .blocks: (2, 2)
        case .ascii: (1, 1)
        }
    }

    var dotColumns: Int { columns * density.across }
    private var dotRows: Int { rows * density.down }

    /// The dot at a place from 0 (left, below) to 1.
    func across(_ position: Double) -> Int { Self.index(position, dotColumns) }
    func down(_ position: Double) -> Int { Self.index(1 - position, dotRows) }

    /// The cell of that dot.
    func column(_ position: Double) -> Int { across(position) / density.across }
    func row(_ position: Double) -> Int { down(position) / density.down }

    private static func index(_ position: Double, _ count: Int) -> Int {
        guard position > 0 else { return 0 }
        return position < 1 ? Int((position * Double(count - 1)).rounded()) : count - 1
    }

    // MARK: Drawing

    /// Part of a curve. Both have to be inside.
    mutating func dot(_ x: Int, _ y: Int, _ layer: Layer) {
        let (across, down) = density
        let index = y / down * columns + x / across
        let bit = y % down * across + x % across
        // Dots of two curves in one cell would look like neither.
        if cells[index].layer != layer { cells[index].bits = 0 }
        cells[index].bits |= style.glyphs == .braille ? Self.brailleBits[bit] : 1 << bit
        cells[index].layer = layer
    }

    /// A glyph that fills a cell.
    mutating func mark(_ column: Int, _ row: Int, _ layer: Layer) {
        let index = row * columns + column
        if let present = cells[index].layer, present.rawValue > layer.rawValue { return }
        cells[index].layer = layer
    }

    // MARK: Text

    /// One row of cells, from above.
    func text(row: Int) -> String {
        var (text, run, color) = ("", "", TextStyle.Color?.none)
        for cell in cells[row * columns..<(row + 1) * columns] {
            let next = cell.layer.flatMap(Self.color)
            if next != color {
                text += style.colored(run, color)
                (run, color) = ("", next)
            }
            run += glyph(cell)
        }
        return color == nil ? text + run.withoutLastBlanks : text + style.colored(run, color)
    }

    private func glyph(_ cell: Cell) -> String {
        guard let layer = cell.layer else { return " " }
        switch (layer, style.glyphs) {
        case (.ideal, .braille), (.model, .braille):
            return Unicode.Scalar(0x2800 + UInt32(cell.bits)).map { String($0) } ?? " "
        case (.model, .blocks): return String(Self.quarters[cell.bits & 15])
        case (.ideal, _), (.model, _), (.knee, _), (.point, _), (.recommended, _):
            return Self.sample(layer, style.glyphs)
        }
    }

    /// As in the legend.
    static func sample(_ layer: Layer, _ glyphs: TextStyle.Glyphs) -> String {
        switch layer {
        case .ideal: glyphs == .ascii ? "." : glyphs == .blocks ? "·" : "⠄⠂⠁"
        case .model: glyphs == .ascii ? "*" : glyphs == .blocks ? "▄▀" : "⠤⠒⠉"
        case .knee: glyphs == .ascii ? ":" : "┊"
        case .point: glyphs == .ascii ? "o" : "●"
        case .recommended: glyphs == .ascii ? "@" : "◆"
        }
    }

    static func color(_ layer: Layer) -> TextStyle.Color? {
        switch layer {
        case .ideal: .faint
        case .model: .cyan
        case .knee: .yellow
        case .point: .bold
        case .recommended: .green
        }
    }
}
