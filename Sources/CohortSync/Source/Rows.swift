import CohortModel
import CohortWire

/// Reads rows as CSV or NDJSON into a model: push bytes, then finish.
///
/// Pure: where the bytes come from is not its business.
package struct Rows: Sendable {
  package enum Syntax: Hashable, Sendable { case csv, ndjson }

  private enum Reader: Sendable {
    /// Not known before the first byte that is no space.
    case unknown([UInt8])
    case csv(CSVRows)
    case ndjson(NDJSONRows)
  }

  package private(set) var model = ModelBuilder()
  private var reader: Reader
  private let keyColumn: String
  private let identifierColumn: String

  /// - Parameters:
  ///   - syntax: `nil` if the first byte tells: `{` begins NDJSON.
  ///   - keyColumn: The column of the primary key.
  ///   - identifierColumn: The column of the identifier; it may be the same.
  package init(_ syntax: Syntax?, keyColumn: String, identifierColumn: String) {
    (self.keyColumn, self.identifierColumn) = (keyColumn, identifierColumn)
    reader = .unknown([])
    if let syntax { begin(syntax) }
  }

  private mutating func begin(_ syntax: Syntax) {
    switch syntax {
    case .csv: reader = .csv(CSVRows(keyColumn, identifierColumn))
    case .ndjson: reader = .ndjson(NDJSONRows(keyColumn, identifierColumn))
    }
  }

  /// Makes room for so many times the rows that were taken.
  mutating func reserve(times factor: Double) { model.reserve(times: factor) }

  /// Takes the next bytes.
  ///
  /// - Throws: ``SourceError``; nothing further can be taken.
  package mutating func push(_ chunk: [UInt8]) throws(SourceError) {
    let before = reader
    reader = .unknown([])
    switch before {
    case .unknown(let begun):
      let bytes = begun + chunk
      guard let first = bytes.first(where: { !$0.isSpace }) else {
        // Blank lines before a table are as many as one likes; they are not kept.
        reader = .unknown(Array(bytes.suffix(1)))
        return
      }
      begin(first == UInt8(ascii: "{") ? .ndjson : .csv)
      try push(bytes)
    case .csv(var rows):
      try rows.push(chunk, into: &model)
      reader = .csv(rows)
    case .ndjson(var rows):
      try rows.push(chunk, into: &model)
      reader = .ndjson(rows)
    }
  }

  /// Says that this was all.
  ///
  /// - Returns: The model.
  /// - Throws: ``SourceError`` for a cut row, and for faults of primary keys.
  package mutating func finish() throws(SourceError) -> Model {
    try end()
    let model = self.model
    self.model = ModelBuilder()
    return try model.finish()
  }

  private mutating func end() throws(SourceError) {
    let before = reader
    reader = .unknown([])
    switch before {
    // Nothing at all: a program that prints NDJSON has found no row.
    case .unknown: break
    case .csv(var rows): try rows.finish(into: &model)
    case .ndjson(var rows): try rows.finish(into: &model)
    }
  }
}

extension UInt8 {
  fileprivate var isSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

/// Rows as CSV with a header.
///
/// An empty field is null.
struct CSVRows: Sendable {
  private var reader = CSVReader()
  private let names: (key: String, identifier: String)
  private var columns: (key: Int, identifier: Int)?

  init(_ keyColumn: String, _ identifierColumn: String) { names = (keyColumn, identifierColumn) }

  mutating func push(_ chunk: [UInt8], into model: inout ModelBuilder) throws(SourceError) {
    reader.push(chunk.span)
    try pull(into: &model)
  }

  mutating func finish(into model: inout ModelBuilder) throws(SourceError) {
    reader.finish()
    try pull(into: &model)
    _ = try placed()
  }

  private mutating func pull(into model: inout ModelBuilder) throws(SourceError) {
    while try advance() {
      let columns = try placed()
      let row = reader.row
      try model.add(
        key: row.bytes.span.extracting(row.fields[columns.key].range),
        identifier: row.bytes.span.extracting(row.fields[columns.identifier].range))
    }
  }

  private mutating func advance() throws(SourceError) -> Bool {
    do throws(CSVError) { return try reader.advance() } catch { throw .csv(error) }
  }

  private mutating func placed() throws(SourceError) -> (key: Int, identifier: Int) {
    if let columns { return columns }
    let found = (key: try column(names.key), identifier: try column(names.identifier))
    columns = found
    return found
  }

  private func column(_ name: String) throws(SourceError) -> Int {
    if let column = reader.column(name) { return column }
    throw .noColumn(name, among: reader.header.map { String(decoding: $0, as: UTF8.self) })
  }
}

/// Rows as JSON objects, one a line.
struct NDJSONRows: Sendable {
  private var splitter = LineSplitter()
  private var document = JSONDocument()
  private let names: (key: String, identifier: String)
  /// Fields of the first row that lacks the one asked for, as long as no row has had it.
  private var strangers: [String]?
  private var hasIdentifier = false

  init(_ keyColumn: String, _ identifierColumn: String) { names = (keyColumn, identifierColumn) }

  mutating func push(_ chunk: [UInt8], into model: inout ModelBuilder) throws(SourceError) {
    splitter.push(chunk.span)
    try pull(into: &model)
  }

  mutating func finish(into model: inout ModelBuilder) throws(SourceError) {
    splitter.finish()
    try pull(into: &model)
    // A field that no row has is a slip of the pen; one that some rows lack is data.
    guard !hasIdentifier, let strangers else { return }
    throw .noColumn(names.identifier, among: strangers)
  }

  private mutating func pull(into model: inout ModelBuilder) throws(SourceError) {
    while let line = try nextLine() {
      let bytes = splitter.bytes
      do throws(JSONError) {
        try document.parse(copying: bytes.span.extracting(line.range))
      } catch { throw .json(line: splitter.line, error) }
      let row = document.root
      guard row.kind == .object else { throw .notObject(line: splitter.line) }
      let identifier = Self.field(row[names.identifier])
      if case .missing = identifier {
        if strangers == nil {
          strangers = row.members.map { String(decoding: row.bytes[$0.key], as: UTF8.self) }
        }
      } else {
        hasIdentifier = true
      }
      try model.add(key: Self.field(row[names.key]), identifier: identifier)
    }
  }

  private mutating func nextLine() throws(SourceError) -> TextRange? {
    do throws(LineError) { return try splitter.next() } catch { throw .line(error) }
  }

  /// A text, or a number: an integer in its plain form, so that 1e2 and 100 are one.
  private static func field(_ value: JSONValue?) -> ModelBuilder.Field {
    guard let value else { return .missing }
    switch value.kind {
    case .null: return .null
    case .string: return value.string.map { $0.isEmpty ? .null : .text($0) } ?? .null
    case .number:
      if let integer = value.integer { return .text(ArraySlice("\(integer)".utf8)) }
      return value.numberText.map { .text($0) } ?? .notText
    case .true, .false, .array, .object: return .notText
    }
  }
}
