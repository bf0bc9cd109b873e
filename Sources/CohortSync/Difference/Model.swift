import CohortModel

/// The rows of a model, read to their end.
package struct Model: Sendable {
  /// Rows, numbered from 1; also those without an identifier.
  package let rowCount: Int
  package let identifiers: Identifiers
  /// The primary keys of rows without an identifier.
  package let withoutIdentifier: [[UInt8]]
}

/// A row whose primary key cannot name it.
package struct KeyFault: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case null
    case missing
    case notText
    case duplicate(of: Int)
  }

  /// Numbered from 1, without the header.
  package let row: Int
  package let reason: Reason

  package init(row: Int, reason: Reason) { (self.row, self.reason) = (row, reason) }
}

/// Takes the rows of a model, one by one.
///
/// Ten million rows with keys of 8 bytes and identifiers of 13 take 290 MB, and as much again while
/// they are sorted; twice as much again if most of them lie on one pile of ``TextOrder``.
package struct ModelBuilder: Sendable {
  private var keys = TextList()
  private var texts = TextList()
  /// Places that have no identifier.
  private var nameless: [UInt32] = []
  private var faults: [KeyFault] = []
  private var faultCount = 0

  package init() {}

  package var rowCount: Int { keys.count }

  /// Makes room for so many times the rows that were taken.
  mutating func reserve(times factor: Double) {
    keys.reserve(times: factor)
    texts.reserve(times: factor)
  }

  /// How many faults are listed; the others are counted.
  package static let faultsMax = 20

  /// A field of a row.
  package enum Field: Sendable {
    case text(ArraySlice<UInt8>)
    case null
    case missing
    /// JSON that is neither a text nor a number.
    case notText
  }

  /// Takes a row.
  ///
  /// - Throws: ``SourceError/tooLarge`` if there is no more room.
  package mutating func add(key: Field, identifier: Field) throws(SourceError) {
    let keyText = Self.text(key)
    let text = Self.text(identifier)
    guard keys.hasRoom(for: keyText.count), texts.hasRoom(for: text.count) else {
      throw .tooLarge(rows: keys.count)
    }
    if keyText.isEmpty {
      switch key {
      case .missing: add(KeyFault(row: keys.count + 1, reason: .missing))
      case .notText: add(KeyFault(row: keys.count + 1, reason: .notText))
      case .text, .null: add(KeyFault(row: keys.count + 1, reason: .null))
      }
    }
    if text.isEmpty { nameless.append(UInt32(texts.count)) }
    keys.append(keyText)
    texts.append(text)
  }

  /// Takes a row of a table, where what is empty is null.
  ///
  /// - Throws: ``SourceError/tooLarge`` if there is no more room.
  mutating func add(key: Span<UInt8>, identifier: Span<UInt8>) throws(SourceError) {
    guard keys.hasRoom(for: key.count), texts.hasRoom(for: identifier.count) else {
      throw .tooLarge(rows: keys.count)
    }
    if key.isEmpty { add(KeyFault(row: keys.count + 1, reason: .null)) }
    if identifier.isEmpty { nameless.append(UInt32(texts.count)) }
    keys.append(key)
    texts.append(identifier)
  }

  private static func text(_ field: Field) -> ArraySlice<UInt8> {
    if case .text(let text) = field { text } else { [] }
  }

  private mutating func add(_ fault: KeyFault) {
    faultCount += 1
    if faults.count < Self.faultsMax { faults.append(fault) }
  }

  /// Sorts what was taken.
  ///
  /// - Throws: ``SourceError/keys(_:count:)`` if a primary key is null, missing or there twice.
  package consuming func finish() throws(SourceError) -> Model {
    let (keys, texts) = (self.keys, self.texts)
    let all = 0..<UInt32(keys.count)
    let (found, order) = both(
      { TextOrder(keys, Array(all)).repeats },
      { TextOrder(texts, all.filter { !texts.range(Int($0)).isEmpty }).places })
    var repeats = found
    repeats.removeAll { keys[Int($0.place)].isEmpty }
    repeats.sort { $0.place < $1.place }
    for (place, first) in repeats {
      add(KeyFault(row: Int(place) + 1, reason: .duplicate(of: Int(first) + 1)))
    }
    guard faultCount == 0 else {
      throw .keys(faults.sorted { $0.row < $1.row }, count: faultCount)
    }
    let (orderedKeys, orderedTexts) = both({ keys.gathered(order) }, { texts.gathered(order) })
    return Model(
      rowCount: keys.count, identifiers: Identifiers(texts: orderedTexts, keys: orderedKeys),
      withoutIdentifier: nameless.map { Array(keys[Int($0)]) })
  }
}
