/// Whom one identifier of a batch names now.
public struct Resolution: Hashable, Sendable {
  /// `identifier:0` if nobody bears it.
  public let identifier: IdentifierID
  public let user: UserID
  public let role: IdentifierRole

  @inlinable public init(_ identifier: IdentifierID, _ user: UserID, _ role: IdentifierRole) {
    self.identifier = identifier
    self.user = user
    self.role = role
  }

  /// Nobody bears it.
  @inlinable public static var nobody: Self { Self(IdentifierID(0), UserID(0), .free) }
}

/// Room for resolving a batch, kept from one batch to the next.
public struct ResolutionScratch: Sendable {
  /// What the loops hand on from one to the next, 40 bytes an item.
  struct Item: Sendable {
    var hash: UInt64 = 0
    var place: UInt32 = 0
    var number: UInt32 = 0
    var record = Directory.IdentifierRecord(word: 0, bearer: 0, info: 0, introduced: 0)
    var firstWord: UInt64 = 0
  }

  /// A block, 10 KB of scratch, and the bytes of its ids lie in the first cache together.
  static var block: Int { 256 }

  var items = [Item](repeating: Item(), count: block)

  public init() {}
}

extension Directory {
  /// Finds who bears each text of a batch now: the hot path of every import.
  ///
  /// One identifier after the other costs four cache misses in a row. Here each loop does one
  /// step for a whole block, so that a block's misses of that step overlap: the processor has a
  /// dozen under way at a time, which is the prefetch that Swift does not have.
  ///
  ///     1 scan + hash │ 2 home slots │ 3 probe by tag │ 4 touch records, then texts │ 5 compare
  ///
  /// - Parameters:
  ///   - ranges: where the texts lie in `bytes`. Empty and overlong ones resolve to nobody.
  ///   - results: replaced by one resolution for each range, in order.
  /// - Precondition: every range lies within `bytes`.
  public func resolve(
    _ ranges: Span<TextRange>, of bytes: Span<UInt8>, as kind: IdentifierKind,
    into results: inout [Resolution], using scratch: inout ResolutionScratch
  ) {
    results.removeAll(keepingCapacity: true)
    results.reserveCapacity(ranges.count)
    for start in stride(from: 0, to: ranges.count, by: ResolutionScratch.block) {
      let block = start..<min(start + ResolutionScratch.block, ranges.count)
      resolve(block, ranges, bytes, as: { _ in kind }, into: &results, using: &scratch)
    }
  }

  /// Finds who bears each alias of a batch now, as `resolve` does; `labels[i]` belongs to
  /// `ranges[i]`, and a label that does not exist resolves to nobody.
  public func resolveAliases(
    _ ranges: Span<TextRange>, of bytes: Span<UInt8>, labels: Span<LabelID>,
    into results: inout [Resolution], using scratch: inout ResolutionScratch
  ) {
    precondition(labels.count == ranges.count, "Every alias needs its label.")
    results.removeAll(keepingCapacity: true)
    results.reserveCapacity(ranges.count)
    for start in stride(from: 0, to: ranges.count, by: ResolutionScratch.block) {
      let block = start..<min(start + ResolutionScratch.block, ranges.count)
      resolve(
        block, ranges, bytes, as: { .alias(labels[$0]) }, into: &results, using: &scratch)
    }
  }

  @inline(__always)
  private func resolve(
    _ block: Range<Int>, _ ranges: Span<TextRange>, _ bytes: Span<UInt8>,
    as kind: (Int) -> IdentifierKind, into results: inout [Resolution],
    using scratch: inout ResolutionScratch
  ) {
    var items = scratch.items.mutableSpan
    let table = (slots.slotMask, slots.numberMask)
    let count = block.count

    for index in 0..<count {
      let range = ranges[block.lowerBound &+ index]
      let (start, length) = (Int(range.start), Int(range.count))
      precondition(start &+ length <= bytes.count, "A text must lie within its buffer.")
      items[index].hash =
        TextKey(
          kind(block.lowerBound &+ index), bytes, start: start,
          count: Self.canBeBorne(length) ? length : 0, by: hash
        ).hash
    }
    slots.slots.withPages { slots in
      for index in 0..<count { items[index].number = slots[self.slots.home(of: items[index].hash)] }
      for index in 0..<count {
        let wanted = self.slots.tag(of: items[index].hash)
        var place = self.slots.home(of: items[index].hash)
        var slot = items[index].number
        while slot != 0, slot & ~table.1 != wanted {
          place = (place &+ 1) & table.0
          slot = slots[place]
        }
        items[index].number = slot & table.1
        items[index].place = UInt32(truncatingIfNeeded: place)
      }
    }
    identifiers.withPages { identifiers in
      for index in 0..<count { items[index].record = identifiers[Int(items[index].number)] }
    }
    texts.words.withPages { words in
      for index in 0..<count {
        let record = items[index].record
        items[index].firstWord = words[Int(record.word) &+ record.prefix]
      }
      for index in 0..<count {
        let item = block.lowerBound &+ index
        let range = ranges[item]
        let (start, length) = (Int(range.start), Int(range.count))
        let kind = kind(item)
        let record = items[index].record
        let info = range.count | kind.code &<< 11
        var matches =
          record.info & IdentifierRecord.keyMask == info && range.count != 0
          && items[index].firstWord == bytes.textWord(0, start: start, count: length)
        if matches {
          let word = Int(record.word) &+ record.prefix
          if let label = kind.labelWord { matches = words[word &- 1] == label }
          for part in 1..<max(1, (length &+ 7) &>> 3)
          where words[word &+ part] != bytes.textWord(part, start: start, count: length) {
            matches = false
          }
        }
        if matches, record.role != .free {
          results.append(
            Resolution(IdentifierID(items[index].number), UserID(record.bearer), record.role))
        } else if items[index].number == 0, !isRemoved(items[index].place) {
          results.append(.nobody)
        } else {
          results.append(resolveSlowly(kind, bytes, range))
        }
      }
    }
  }

  /// Whether the slot at `place` holds a removed number, behind which the search goes on.
  private func isRemoved(_ place: UInt32) -> Bool { slots.slots[Int(place)] != 0 }

  /// The path of the few whose first tag was another's, or whose newest bearer is gone.
  @inline(never)
  private func resolveSlowly(
    _ kind: IdentifierKind, _ bytes: Span<UInt8>, _ range: TextRange
  ) -> Resolution {
    guard Self.canBeBorne(Int(range.count)) else { return .nobody }
    let start = Int(range.start)
    let key = TextKey(kind, bytes, start: start, count: Int(range.count), by: hash)
    var number = find(key, bytes).number
    while number != 0 {
      let record = identifiers[Int(number)]
      if record.role != .free {
        return Resolution(IdentifierID(number), UserID(record.bearer), record.role)
      }
      number = earlier[Int(number)]
    }
    return .nobody
  }
}
