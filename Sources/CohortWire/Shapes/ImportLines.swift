package import CohortModel

/// The lines of a users import that are all at hand: in a preview they stand in an array.
package struct ImportLines: Sendable {
  /// At most 10,000.
  package private(set) var lines: [ImportLine] = []
  /// Of lines that make no sense.
  package private(set) var faults: [LineFault] = []

  /// - Throws: ``WireError``, 400, unless it is an array of as many lines as one unit has.
  package init(previewing body: JSONValue) throws(WireError) {
    guard body.kind == .array else {
      throw .notA("an array of the lines of an import", "body")
    }
    guard body.count <= LedgerState.importLinesMax else {
      throw WireError(.tooMany(limit: LedgerState.importLinesMax, what: .lines))
    }
    for (index, line) in body.elements.enumerated() {
      do throws(LineFault) {
        lines.append(try ImportLine(json: line, line: index + 1))
      } catch { faults.append(error) }
    }
  }
}
