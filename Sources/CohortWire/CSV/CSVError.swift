/// Why a CSV text cannot be read on, and where.
///
/// Lines and columns count from 1; a column is a character, as in an editor. Nothing is read
/// behind the place.
package struct CSVError: Error, Hashable, Sendable {
  package let reason: Reason
  package let line: Int
  package let column: Int

  package init(_ reason: Reason, line: Int, column: Int) {
    self.reason = reason
    self.line = line
    self.column = column
  }

  package enum Reason: Hashable, Sendable {
    case quoteInsideField
    case textAfterQuote
    case openQuote
    case bareReturn
    case invalidUTF8
    case fieldTooLong(limit: Int)
    case rowTooLong(limit: Int)
    case wrongFieldCount(Int, header: Int)
    case duplicateColumn(name: String)
    case noHeader
  }
}

extension CSVError: CustomStringConvertible {
  package var description: String {
    "Line \(line), column \(column): \(reason.finding). \(reason.advice)."
  }
}

extension CSVError.Reason {
  /// What is so.
  var finding: String {
    switch self {
    case .quoteInsideField: "a quote stands inside a field that is not quoted"
    case .textAfterQuote: "text follows the closing quote of a field"
    case .openQuote: "the text ends inside a quoted field"
    case .bareReturn: "a carriage return is not followed by a line feed"
    case .invalidUTF8: "the bytes are not valid UTF-8"
    case .fieldTooLong(let limit): "a field is longer than \(limit) bytes"
    case .rowTooLong(let limit): "a row is longer than \(limit) bytes"
    case .wrongFieldCount(let count, let header):
      "the row has \(count) field\(count == 1 ? "" : "s"), the header has \(header)"
    case .duplicateColumn(let name): "the header names the column \(name) twice"
    case .noHeader: "there is no header row"
    }
  }

  /// What to do about it.
  var advice: String {
    switch self {
    case .quoteInsideField: "Quote the whole field and double the quotes inside it"
    case .textAfterQuote: "Put a comma or a line break there, or double the quote"
    case .openQuote: "Close the quote, and double the quotes inside the field"
    case .bareReturn: "End lines with LF or CR LF, and quote fields that hold line breaks"
    case .invalidUTF8: "Export the table as UTF-8"
    case .fieldTooLong, .rowTooLong: "Look for a quote that is not closed before this place"
    case .wrongFieldCount: "Quote fields that hold commas or line breaks"
    case .duplicateColumn: "Give each column a name of its own"
    case .noHeader: "Begin with a line that names the columns"
    }
  }
}
