import CohortWire

/// A table as the slowest possible reader sees it: all of it at once, one character at a time.
enum NaiveCSV {
  /// - Returns: The rows with the header first and blank lines left out, `nil` for a text that
  ///   breaks a rule.
  static func rows(_ bytes: [UInt8]) -> [[String]]? {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    var scalars = Array(string.unicodeScalars)[...]
    if scalars.first == "\u{FEFF}" { scalars = scalars.dropFirst() }
    var rows: [[String]] = []
    while !scalars.isEmpty {
      guard let (row, isBlank) = row(&scalars) else { return nil }
      if isBlank, rows.first?.count != 1 { continue }
      rows.append(row)
      guard row.count == rows[0].count else { return nil }
    }
    guard let header = rows.first else { return nil }
    for (at, name) in header.enumerated() {
      if header[..<at].contains(where: { $0.utf8.elementsEqual(name.utf8) }) { return nil }
    }
    return rows
  }

  private static func row(
    _ scalars: inout ArraySlice<Unicode.Scalar>
  ) -> (fields: [String], isBlank: Bool)? {
    var fields: [String] = []
    var isQuoted = false
    while true {
      var field = String.UnicodeScalarView()
      if scalars.first == "\"" {
        isQuoted = true
        scalars.removeFirst()
        while true {
          guard let next = scalars.popFirst() else { return nil }
          if next == "\"" {
            guard scalars.first == "\"" else { break }
            scalars.removeFirst()
          }
          field.append(next)
        }
      } else {
        while let next = scalars.first, next != ",", next != "\n", next != "\r" {
          if next == "\"" { return nil }
          field.append(next)
          scalars.removeFirst()
        }
      }
      fields.append(String(field))
      switch scalars.popFirst() {
      case ",": continue
      case "\r":
        guard scalars.popFirst() == "\n" else { return nil }
        return (fields, fields == [""] && !isQuoted)
      case "\n", nil: return (fields, fields == [""] && !isQuoted)
      default: return nil
      }
    }
  }
}

/// All that a reader said about a text.
struct CSVTranscript: Hashable {
  var header: [String] = []
  var rows: [[String]] = []
  var lines: [Int] = []
  var blankLines = 0
  var error: CSVError?

  /// Pushes `chunks`, and pulls after each.
  init(_ chunks: [ArraySlice<UInt8>], limits: CSVReader.Limits = CSVReader.Limits()) {
    var reader = CSVReader(limits: limits)
    do throws(CSVError) {
      for chunk in chunks {
        reader.push(chunk.span)
        try pull(&reader)
      }
      reader.finish()
      try pull(&reader)
    } catch {
      self.error = error
      precondition((try? reader.advance()) == nil, "a reader goes on after an error")
    }
    header = reader.header.map { String(decoding: $0, as: UTF8.self) }
    blankLines = reader.blankLines
  }

  private mutating func pull(_ reader: inout CSVReader) throws(CSVError) {
    while try reader.advance() {
      rows.append(
        (0..<reader.row.count).map { String(decoding: reader.row[$0], as: UTF8.self) })
      lines.append(reader.row.line)
    }
  }
}
