import CohortWire

/// Rows of text: columns that line up on a terminal, tabs between them for programs.
///
/// Control characters are escaped, so a row is one line and a field has no tab.
struct Table {
  private let header: [String]
  private var rows: [[[UInt8]]] = []

  /// - Parameter header: Shown on a terminal only.
  init(_ header: [String]) { self.header = header }

  mutating func row(_ fields: [[UInt8]]) { rows.append(fields.map { TerminalText.escaped($0) }) }

  mutating func row(_ fields: [String]) { row(fields.map { Array($0.utf8) }) }

  func print(_ console: Console) throws {
    guard console.isShown else {
      for row in rows { try console.line(Array(row.joined(separator: [0x09]))) }
      return
    }
    let all = [header.map { Array($0.utf8) }] + rows
    let widths = header.indices.map { column in
      all.map { String(decoding: $0[column], as: UTF8.self).count }.max() ?? 0
    }
    for row in all {
      let fields = zip(row, widths).map { field, width in
        String(decoding: field, as: UTF8.self).padded(to: width)
      }
      var line = fields.joined(separator: "  ")
      while line.hasSuffix(" ") { line.removeLast() }
      try console.line(line)
    }
  }
}
