/// The identifiers of a model or of a state: each once, sorted as bytes, each with the primary key
/// of its first row.
///
/// An identifier is called by its **rank**, its place in that order, from 0.
package struct Identifiers: Sendable {
  /// By rank: to walk over them is to walk through memory.
  package let texts: TextList
  /// The primary keys, parallel to `texts`.
  package let keys: TextList

  /// Takes lists that are in order.
  ///
  /// The texts must be strictly increasing, unless they are only to be told.
  init(texts: TextList, keys: TextList) {
    precondition(texts.count == keys.count, "every identifier has the key of a row")
    (self.texts, self.keys) = (texts, keys)
  }

  package static let none = Identifiers(texts: TextList(), keys: TextList())

  package var count: Int { texts.count }

  /// The bytes of an identifier, sharing the memory of the list.
  package subscript(rank: Int) -> ArraySlice<UInt8> { texts[rank] }

  /// The primary key of the row that an identifier came with first.
  package func key(_ rank: Int) -> ArraySlice<UInt8> { keys[rank] }
}

/// Some of a list of identifiers, in the order in which they are to be sent.
package struct ChosenIdentifiers: Sendable {
  package let identifiers: Identifiers
  package let ranks: [UInt32]

  package init(_ identifiers: Identifiers, ranks: [UInt32]) {
    (self.identifiers, self.ranks) = (identifiers, ranks)
  }

  package static let none = ChosenIdentifiers(.none, ranks: [])

  package var count: Int { ranks.count }

  /// The bytes of the identifier at a place of the choice.
  package subscript(index: Int) -> ArraySlice<UInt8> { identifiers[Int(ranks[index])] }

  /// The primary key of its row.
  package func key(_ index: Int) -> ArraySlice<UInt8> { identifiers.key(Int(ranks[index])) }
}
