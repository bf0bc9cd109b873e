package import CohortModel

/// A line of a users import that is refused before anybody looks for its users.
package struct LineFault: Error, Hashable, Sendable {
  /// In the file, from 1.
  package let line: Int
  package let text: String

  package init(line: Int, text: String) {
    self.line = line
    self.text = text
  }
}

extension ImportLine {
  /// Reads `{"external_id"?,"aliases"?:[…],"device_ids"?:[…]}`.
  ///
  /// - Throws: ``LineFault`` for what is no strict JSON, for wrong types and unknown fields.
  package init(json value: JSONValue, line: Int) throws(LineFault) {
    do throws(WireError) {
      try value.requireBody()
      let fields = try Fields(value, known: ["external_id", "aliases", "device_ids"])
      self.init(
        line: line, externalID: try fields.text("external_id"),
        aliases: try Self.aliases(fields), devices: try fields.texts("device_ids") ?? [])
    } catch { throw LineFault(line: line, text: error.message) }
  }

  /// A single object counts as an array of one.
  private static func aliases(_ fields: Fields) throws(WireError) -> [Alias] {
    guard let value = fields["aliases"] else { return [] }
    guard value.kind == .array else { return [try alias(value, at: "aliases")] }
    var aliases: [Alias] = []
    for (index, object) in value.elements.enumerated() {
      aliases.append(try alias(object, at: "aliases[\(index)]"))
    }
    return aliases
  }

  private static func alias(_ object: JSONValue, at place: String) throws(WireError) -> Alias {
    let fields = try Fields(object, at: place, known: ["alias_name", "alias_label"])
    return Alias(
      label: try fields.requiredText("alias_label"), name: try fields.requiredText("alias_name"))
  }
}

extension WriteRequest {
  /// A users import, whose lines come in a stream: for its answers.
  package static let usersImport = WriteRequest(.importUsers, .nothing)
}

/// Reads a users import as NDJSON: push bytes, take units of at most 10,000 lines.
///
///     reader.push(chunk.span)
///     while let unit = try reader.nextUnit() { … submit(.importUsers(unit.lines)) … }
///     reader.finish()  // then take once more: the last unit is smaller
package struct UsersImportReader: Sendable {
  /// The lines of one unit, and those refused already.
  package struct Unit: Sendable {
    package private(set) var lines: [ImportLine] = []
    package private(set) var faults: [LineFault] = []
    /// About how many bytes the lines take in memory, and in a frame of the log.
    private var weight = 0

    package var count: Int { lines.count + faults.count }

    /// Whether another line belongs to the next unit: after 10,000, or when lines that hold many
    /// identifiers or long ones would no longer fit into one frame.
    package var isFull: Bool {
      count >= LedgerState.importLinesMax || weight >= Self.weightMax
    }

    /// A quarter of a frame, because one line of a mebibyte may still come on top.
    private static let weightMax = 4 << 20

    package init() {}

    package mutating func add(_ line: ImportLine) {
      lines.append(line)
      func weigh(_ text: Text) { weight += 64 + text.bytes.count }
      line.externalID.map(weigh)
      for alias in line.aliases { weigh(alias.name) }
      line.devices.forEach(weigh)
    }

    package mutating func add(_ fault: LineFault) {
      faults.append(fault)
      weight += 64 + fault.text.utf8.count
    }
  }

  private var splitter: LineSplitter
  private var document = JSONDocument()
  private var unit = Unit()
  private var isFinished = false

  /// - Parameter lineSizeMax: The longest line, in bytes.
  package init(lineSizeMax: Int = 1 << 20) { splitter = LineSplitter(limit: lineSizeMax) }

  package mutating func push(_ chunk: Span<UInt8>) { splitter.push(chunk) }

  /// Says that nothing more will be pushed.
  package mutating func finish() {
    splitter.finish()
    isFinished = true
  }

  /// The next full unit; after ``finish()`` also the rest.
  ///
  /// - Returns: `nil` if more must be pushed first, or if nothing is left.
  /// - Throws: ``LineError`` for a line that is too long; nothing behind it can be read.
  package mutating func nextUnit() throws(LineError) -> Unit? {
    while !unit.isFull, let range = try splitter.next() {
      do throws(LineFault) {
        unit.add(try read(range))
      } catch { unit.add(error) }
    }
    guard unit.isFull || isFinished && unit.count > 0 else {
      return nil
    }
    defer { unit = Unit() }
    return unit
  }

  private mutating func read(_ range: TextRange) throws(LineFault) -> ImportLine {
    do throws(JSONError) {
      try document.parse(copying: splitter.bytes[range].span)
    } catch { throw LineFault(line: splitter.line, text: error.description) }
    return try ImportLine(json: document.root, line: splitter.line)
  }
}

/// The columns of a users import as CSV.
///
/// Any of `external_id` and `device_id`, and both or none of `alias_label` and `alias_name`. Empty
/// fields are absent.
package struct UsersImportColumns: Hashable, Sendable {
  private enum Column: String, CaseIterable {
    case externalID = "external_id"
    case deviceID = "device_id"
    case aliasLabel = "alias_label"
    case aliasName = "alias_name"
  }

  private let columns: [Column]

  /// - Throws: ``WireError`` for unknown columns, for one that comes twice, and if no column names
  ///   a user.
  package init(header: [Text]) throws(WireError) {
    var columns: [Column] = []
    for name in header {
      guard let column = Column(rawValue: name.description) else {
        throw .unknown("column", name.bytes, known: Column.allCases.map(\.rawValue))
      }
      guard !columns.contains(column) else {
        throw WireError(
          400, "The column '\(column.rawValue)' comes twice. Leave one of them out.")
      }
      columns.append(column)
    }
    guard !columns.isEmpty,
      columns.contains(.aliasLabel) == columns.contains(.aliasName)
    else {
      throw WireError(
        400,
        "The header does not say who is meant. Name external_id, device_id, or alias_label with "
          + "alias_name in it.")
    }
    self.columns = columns
  }

  /// Reads a row.
  ///
  /// - Throws: ``LineFault`` for another number of fields than the header has, and for half an
  ///   alias.
  package func line(_ fields: [Text], line: Int) throws(LineFault) -> ImportLine {
    guard fields.count == columns.count else {
      throw LineFault(
        line: line,
        text: "The row has \(fields.count) fields. Give it \(columns.count), like the header.")
    }
    func field(_ column: Column) -> Text? {
      guard let index = columns.firstIndex(of: column), !fields[index].bytes.isEmpty else {
        return nil
      }
      return fields[index]
    }
    let aliases: [Alias]
    switch (field(.aliasLabel), field(.aliasName)) {
    case (let label?, let name?): aliases = [Alias(label: label, name: name)]
    case (nil, nil): aliases = []
    case (nil, _?), (_?, nil):
      throw LineFault(
        line: line, text: "The alias has no label or no name. Give both, or leave both empty.")
    }
    return ImportLine(
      line: line, externalID: field(.externalID), aliases: aliases,
      devices: field(.deviceID).map { [$0] } ?? [])
  }
}
