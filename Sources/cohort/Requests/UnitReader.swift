import CohortModel
import CohortWire

/// Reads a users import, NDJSON or CSV with a header, in units of at most 10,000 lines.
///
/// Which of the two it is shows in the first byte that is no space: an object begins with `{`.
/// Behind a mebibyte of nothing but space no table begins.
struct UnitReader {
  typealias Unit = UsersImportReader.Unit

  private enum Format { case ndjson, csv }

  private let format: Format
  private var lines: LineReader
  private var table: TableReader
  private var unit = Unit()
  /// Why nothing behind what was read can be read.
  private(set) var failure: Failure?

  init(_ file: InputFile) throws(Failure) {
    var begun: [UInt8] = []
    var first: UInt8?
    while first == nil, begun.count < Self.lineSizeMax {
      let chunk = try file.chunk()
      if chunk.isEmpty { break }
      begun += chunk
      if begun.starts(with: Self.byteOrderMark) {
        begun.removeFirst(Self.byteOrderMark.count)
      }
      first = begun.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
    format = first == nil || first == UInt8(ascii: "{") ? .ndjson : .csv
    lines = LineReader(file, limit: Self.lineSizeMax, begun: begun)
    table = TableReader(file, begun: begun)
  }

  /// In bytes.
  private static let lineSizeMax = 1 << 20
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The next unit.
  ///
  /// - Returns: `nil` at the end, and where nothing further can be read: see ``failure``.
  mutating func next() -> Unit? {
    do throws(Failure) {
      while failure == nil, !unit.isFull {
        guard try readLine() else { break }
      }
    } catch { failure = error }
    guard unit.count > 0 else { return nil }
    defer { unit = Unit() }
    return unit
  }

  private mutating func readLine() throws(Failure) -> Bool {
    switch format {
    case .ndjson:
      guard let line = try lines.next() else { return false }
      switch line {
      case .tooLong:
        unit.add(
          LineFault(
            line: lines.number,
            text: "The line is longer than 1 MiB. Send one object of a user on each line."))
      case .text(let text): take(text, lines.number)
      }
    case .csv:
      guard let row = try table.next() else { return false }
      switch row {
      case .success(let line): unit.add(line)
      case .failure(let fault): unit.add(fault)
      }
    }
    return true
  }

  private mutating func take(_ text: [UInt8], _ number: Int) {
    do {
      unit.add(
        try ImportLine(json: JSONDocument(parsing: text).root, line: number))
    } catch let fault as LineFault {
      unit.add(fault)
    } catch { unit.add(LineFault(line: number, text: "\(error)")) }
  }
}

/// Reads the rows of a users import as CSV.
struct TableReader {
  private let file: InputFile
  private var reader = CSVReader()
  private var columns: UsersImportColumns?
  private var isAtEnd = false

  init(_ file: InputFile, begun: [UInt8]) {
    self.file = file
    reader.push(begun.span)
  }

  /// - Throws: ``Failure`` with line and column where the table cannot be read on.
  mutating func next() throws(Failure) -> Result<ImportLine, LineFault>? {
    while true {
      let hasRow: Bool
      do throws(CSVError) { hasRow = try reader.advance() } catch {
        throw Failure(.refused, "\(file.name): \(error.description)")
      }
      if hasRow { return try row() }
      if isAtEnd { return nil }
      let chunk = try file.chunk()
      if chunk.isEmpty {
        isAtEnd = true
        reader.finish()
      } else {
        reader.push(chunk.span)
      }
    }
  }

  private mutating func row() throws(Failure) -> Result<ImportLine, LineFault> {
    let columns = try knownColumns()
    let row = reader.row
    let fields = (0..<row.count).map { Text(bytes: Array(row[$0])) }
    do throws(LineFault) {
      return .success(try columns.line(fields, line: row.line))
    } catch { return .failure(error) }
  }

  private mutating func knownColumns() throws(Failure) -> UsersImportColumns {
    if let columns { return columns }
    do throws(WireError) {
      let known = try UsersImportColumns(header: reader.header.map { Text(bytes: $0) })
      columns = known
      return known
    } catch { throw Failure(.refused, "\(file.name), line 1: \(error.message)") }
  }
}
