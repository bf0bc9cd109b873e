/// Walks two lists of identifiers side by side.
package enum Difference {
  package enum Step: Hashable, Sendable {
    /// Only in the new list.
    case entered(Int)
    /// Only in the old list.
    case left(Int)
    case unchanged(old: Int, new: Int)
  }

  /// Calls `body` for every identifier of the two, in their order.
  ///
  /// - Complexity: O(n), a comparison for each.
  package static func walk<Failure: Error>(
    from old: Identifiers, to new: Identifiers, _ body: (Step) throws(Failure) -> Void
  ) throws(Failure) {
    var (i, j) = (0, 0)
    while i < old.count, j < new.count {
      let order = TextOrder.compare(old.texts, i, new.texts, j)
      if order < 0 {
        try body(.left(i))
        i += 1
      } else if order > 0 {
        try body(.entered(j))
        j += 1
      } else {
        try body(.unchanged(old: i, new: j))
        i += 1
        j += 1
      }
    }
    while i < old.count {
      try body(.left(i))
      i += 1
    }
    while j < new.count {
      try body(.entered(j))
      j += 1
    }
  }
}

extension Identifiers {
  /// The rank of an identifier, `nil` if it is none of these.
  package func rank(of text: [UInt8]) -> Int? {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      let here = self[middle]
      if here.elementsEqual(text) { return middle }
      if here.lexicographicallyPrecedes(text) { low = middle + 1 } else { high = middle }
    }
    return nil
  }
}
