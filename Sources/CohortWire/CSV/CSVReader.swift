package import CohortModel

/// One row of a table.
package struct CSVRow: Hashable, Sendable {
  /// The fields one behind the other, without quotes and commas.
  package fileprivate(set) var bytes: [UInt8] = []
  /// Where each field lies in ``bytes``.
  package fileprivate(set) var fields: [TextRange] = []
  /// The line on which the row begins, 1 for the first of the text.
  package fileprivate(set) var line = 1

  package var count: Int { fields.count }

  package subscript(field: Int) -> ArraySlice<UInt8> { bytes[fields[field]] }
}

/// Reads a table as CSV (RFC 4180) with a header row: push bytes, pull rows.
///
///     reader.push(chunk.span)
///     while try reader.advance() { … reader.row[column] … }
///     reader.finish()  // then advance again: the last row may lack its line break
///
/// What the RFC leaves open: UTF-8 only, a byte order mark at the beginning is skipped, lines end
/// with LF or CR LF, a field is quoted as a whole or not at all, every row has as many fields as
/// the header, column names differ. A blank line is a row with one empty field in a table of one
/// column; in wider tables it is skipped and counted.
///
/// Holds one row and what was pushed and not yet pulled, so pull after each push. Cutting the
/// stream elsewhere changes nothing, not even the place of an error.
package struct CSVReader: Sendable {
  package struct Limits: Hashable, Sendable {
    package var fieldBytes: Int
    /// The text of all fields, and a byte for each of them.
    package var rowBytes: Int

    package init(fieldBytes: Int = 1 << 20, rowBytes: Int = 1 << 20) {
      self.fieldBytes = fieldBytes
      self.rowBytes = rowBytes
    }
  }

  /// The row that ``advance()`` read last.
  package private(set) var row = CSVRow()
  /// The names of the columns, as soon as ``advance()`` has read them; empty before.
  package private(set) var header: [[UInt8]] = []
  /// Blank lines that were skipped.
  package private(set) var blankLines = 0

  private enum State { case start, field, plain, quoted, closed, afterReturn, end }

  private let limits: Limits
  private var pending: [UInt8] = []
  private var at = 0
  private var isFinished = false
  private var failure: CSVError?
  private var state = State.start
  private var isRowBegun = false
  private var fieldStart = 0
  private var isQuoted = false
  private var line = 1
  private var column = 1
  private var checker = UTF8Checker()

  package init(limits: Limits = Limits()) { self.limits = limits }

  package mutating func push(_ chunk: Span<UInt8>) {
    if at > 0 { pending.removeSubrange(..<at) }
    at = 0
    pending.append(copying: chunk)
  }

  /// Says that nothing more will be pushed.
  package mutating func finish() { isFinished = true }

  /// The place of a column in every row, `nil` if the header does not name it.
  package func column(_ name: String) -> Int? {
    header.firstIndex { $0.elementsEqual(name.utf8) }
  }

  /// Reads the next row into ``row``.
  ///
  /// - Returns: `false` if the bytes pushed so far hold no other whole row.
  /// - Throws: ``CSVError``, now and at each further call.
  package mutating func advance() throws(CSVError) -> Bool {
    if let failure { throw failure }
    do throws(CSVError) {
      while try readRow() {
        if row.count == 1, row.bytes.isEmpty, !isQuoted, header.count != 1 {
          blankLines += 1
        } else if !header.isEmpty {
          guard row.count == header.count else {
            throw CSVError(
              .wrongFieldCount(row.count, header: header.count), line: row.line, column: 1)
          }
          return true
        } else {
          try takeHeader()
        }
      }
      if state == .end, header.isEmpty { throw CSVError(.noHeader, line: line, column: 1) }
      return false
    } catch {
      failure = error
      throw error
    }
  }

  private mutating func takeHeader() throws(CSVError) {
    var names: Set<[UInt8]> = []
    for field in row.fields {
      let name = Array(row.bytes[field])
      guard names.insert(name).inserted else {
        throw CSVError(
          .duplicateColumn(name: String(decoding: name, as: UTF8.self)), line: row.line, column: 1)
      }
      header.append(name)
    }
  }
}

// MARK: - The machine

extension CSVReader {
  /// Takes bytes until a row is whole.
  private mutating func readRow() throws(CSVError) -> Bool {
    if state == .start {
      guard skipByteOrderMark() else { return false }
    }
    if state != .end, !isRowBegun {
      beginRow()
      if takePlainRow() { return true }
    }
    while at < pending.count {
      if state == .plain || state == .quoted { try takeRun() }
      guard at < pending.count else { break }
      if try take(pending[at]) { return true }
    }
    return isFinished ? try takeEnd() : false
  }

  /// - Returns: `false` if more bytes are needed to know.
  private mutating func skipByteOrderMark() -> Bool {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let begun = pending.prefix(3)
    if begun.count < 3, !isFinished, mark.starts(with: begun) { return false }
    if begun.elementsEqual(mark) { at = 3 }
    state = .field
    return true
  }

  private mutating func beginRow() {
    row.bytes.removeAll(keepingCapacity: true)
    row.fields.removeAll(keepingCapacity: true)
    row.line = line
    isRowBegun = true
    beginField()
  }

  private mutating func beginField() {
    state = .field
    fieldStart = row.bytes.count
    isQuoted = false
  }

  /// Takes the next row in one go if all of it is there, plain ASCII without a quote: nearly all
  /// rows are such.
  ///
  /// - Returns: `false`, and nothing is taken, for any other row, and for one that may be too long.
  private mutating func takePlainRow() -> Bool {
    guard state == .field else { return false }
    let pending = pending
    var start = at
    while true {
      let end = ByteScanner.first(
        of: UInt8(ascii: "\""), UInt8(ascii: ","), 0x0A, 0x0D, in: pending.span, from: start)
      guard end < pending.count, end - start <= limits.fieldBytes, end - at < limits.rowBytes
      else { break }
      // What ends the field, and where.
      var last = end
      if pending[end] == 0x0D, end + 1 < pending.count, pending[end + 1] == 0x0A { last += 1 }
      guard pending[last] == UInt8(ascii: ",") || pending[last] == 0x0A else { break }
      fieldStart = row.bytes.count
      row.bytes.append(copying: pending.span.extracting(start..<end))
      endField()
      start = last + 1
      if pending[last] == 0x0A {
        countLine()
        (isRowBegun, at) = (false, start)
        return true
      }
    }
    beginRow()
    return false
  }

  /// Copies the plain ASCII that comes next in one piece.
  private mutating func takeRun() throws(CSVError) {
    guard checker.isComplete else { return }
    let quote = UInt8(ascii: "\"")
    let stop: (comma: UInt8, lineBreak: UInt8, carriageReturn: UInt8) =
      state == .quoted ? (quote, 0x0A, quote) : (UInt8(ascii: ","), 0x0A, 0x0D)
    let end = ByteScanner.first(
      of: quote, stop.comma, stop.lineBreak, stop.carriageReturn, in: pending.span, from: at)
    let room = max(0, min(fieldRoom, rowRoom))
    let taken = min(end - at, room)
    let pending = pending
    row.bytes.append(copying: pending.span.extracting(at..<at + taken))
    column += taken
    at += taken
    if at < end { throw tooLong }
  }

  /// Takes one byte.
  ///
  /// - Returns: Whether it ended the row.
  private mutating func take(_ byte: UInt8) throws(CSVError) -> Bool {
    guard checker.accepts(byte) else { throw error(.invalidUTF8) }
    switch (state, byte) {
    case (.field, UInt8(ascii: "\"")):
      (state, isQuoted) = (.quoted, true)
    case (.quoted, UInt8(ascii: "\"")):
      state = .closed
    case (.closed, UInt8(ascii: "\"")):
      row.bytes.append(byte)
      state = .quoted
    case (.field, UInt8(ascii: ",")), (.plain, UInt8(ascii: ",")), (.closed, UInt8(ascii: ",")):
      endField()
      beginField()
    case (.field, 0x0D), (.plain, 0x0D), (.closed, 0x0D):
      state = .afterReturn
    case (.field, 0x0A), (.plain, 0x0A), (.closed, 0x0A), (.afterReturn, 0x0A):
      endField()
      countLine()
      (isRowBegun, state) = (false, .field)
      at += 1
      return true
    case (.afterReturn, _): throw CSVError(.bareReturn, line: line, column: column - 1)
    case (.closed, _): throw error(.textAfterQuote)
    case (.plain, UInt8(ascii: "\"")): throw error(.quoteInsideField)
    case (.quoted, 0x0A):
      row.bytes.append(byte)
      countLine()
      column = 0
    default:
      if state == .field { state = .plain }
      row.bytes.append(byte)
    }
    if min(fieldRoom, rowRoom) < 0 { throw tooLong }
    // The bytes that continue a character take no column of their own.
    if byte & 0xC0 != 0x80 { column += 1 }
    at += 1
    return false
  }

  private mutating func takeEnd() throws(CSVError) -> Bool {
    guard checker.isComplete else { throw error(.invalidUTF8) }
    switch state {
    case .end: return false
    case .quoted: throw error(.openQuote)
    case .afterReturn: throw CSVError(.bareReturn, line: line, column: column - 1)
    case .field where row.fields.isEmpty:
      state = .end
      return false
    case .start, .field, .plain, .closed:
      endField()
      (isRowBegun, state) = (false, .end)
      return true
    }
  }

  private mutating func endField() {
    row.fields.append(TextRange(start: fieldStart, count: row.bytes.count - fieldStart))
  }

  private mutating func countLine() {
    line += 1
    column = 1
  }

  /// How many bytes the field and the row may still take.
  private var fieldRoom: Int { limits.fieldBytes - (row.bytes.count - fieldStart) }
  private var rowRoom: Int { limits.rowBytes - row.bytes.count - row.fields.count }

  private var tooLong: CSVError {
    fieldRoom <= rowRoom
      ? error(.fieldTooLong(limit: limits.fieldBytes)) : error(.rowTooLong(limit: limits.rowBytes))
  }

  private func error(_ reason: CSVError.Reason) -> CSVError {
    CSVError(reason, line: line, column: column)
  }
}
