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
  /// What the loops hand on from one to the next, 32 bytes an item.
  struct Item: Sendable {
    var hash: UInt64 = 0
    var place: UInt32 = 0
    var number: UInt32 = 0
    var record = Directory.IdentifierRecord(word: 0, bearer: 0, info: 0, introduced: 0)
  }

  /// The size of a block.
  ///
  /// Its 8 KB of scratch and the bytes of its ids lie in the first cache together.
  static var block: Int { 256 }

  var items = [Item](repeating: Item(), count: block)
  let prefetch: Prefetch?

  public init(prefetch: Prefetch? = nil) { self.prefetch = prefetch }
}

extension Directory {
  /// Finds who bears each text of a batch now: the hot path of every import.
  ///
  /// One identifier after the other costs four cache misses in a row. Here each loop does one
  /// step for a whole block, and asks for what the next one will read, so that a block's misses of
  /// that step overlap with each other and with the work of this one:
  ///
  ///     1 scan + hash │ 2 probe by tag │ 3 read records │ 4 compare texts
  ///          asks for:  home slots       records          first and last words
  ///
  /// `results` is replaced by one resolution for each range, in order. Empty and overlong texts
  /// resolve to nobody.
  ///
  /// - Precondition: every range lies within `bytes`.
  public func resolve(
    _ ranges: Span<TextRange>, of bytes: Span<UInt8>, as kind: IdentifierKind,
    into results: inout [Resolution], using scratch: inout ResolutionScratch
  ) {
    if case .alias(let label) = kind {
      let labels = [LabelID](repeating: label, count: ranges.count)
      return resolveAliases(
        ranges, of: bytes, labels: labels.span, into: &results, using: &scratch)
    }
    results.removeAll(keepingCapacity: true)
    results.reserveCapacity(ranges.count)
    for start in stride(from: 0, to: ranges.count, by: ResolutionScratch.block) {
      let block = start..<min(start + ResolutionScratch.block, ranges.count)
      resolve(
        block, ranges, bytes, as: { _ in kind }, into: &results, using: &scratch)
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
        block, ranges, bytes, as: { .alias(labels[$0]) }, into: &results,
        using: &scratch)
    }
  }

  @inline(__always)
  private func resolve(
    _ block: Range<Int>, _ ranges: Span<TextRange>, _ bytes: Span<UInt8>,
    as kind: (Int) -> IdentifierKind, into results: inout [Resolution],
    using scratch: inout ResolutionScratch
  ) {
    var ahead = PrefetchQueue(scratch.prefetch)
    var items = scratch.items.mutableSpan
    let count = block.count
    let first = block.lowerBound
    let (hash, slots) = (hash, slots)
    let (slotMask, numberMask) = (slots.slotMask, slots.numberMask)

    slots.slots.withPages { pages in
      for index in 0..<count {
        let range = ranges[first &+ index]
        let start = Int(range.start)
        let length = Self.canBeBorne(Int(range.count)) ? Int(range.count) : 0
        precondition(start &+ Int(range.count) <= bytes.count, "A text must lie within its buffer.")
        let digest = hash(domain: kind(first &+ index).domain, bytes, start: start, count: length)
        items[index].hash = digest
        ahead.add(pages.place(of: slots.home(of: digest)))
      }
      ahead.flush()
      identifiers.withPages { identifiers in
        for index in 0..<count {
          let wanted = slots.tag(of: items[index].hash)
          var place = slots.home(of: items[index].hash)
          var slot = pages[place]
          while slot != 0, slot & ~numberMask != wanted {
            place = (place &+ 1) & slotMask
            slot = pages[place]
          }
          items[index].number = slot & numberMask
          items[index].place = UInt32(truncatingIfNeeded: place)
          ahead.add(identifiers.place(of: Int(slot & numberMask)))
        }
        ahead.flush()
      }
    }
    texts.words.withPages { words in
      identifiers.withPages { identifiers in
        for index in 0..<count {
          let record = identifiers[Int(items[index].number)]
          items[index].record = record
          let start = words.place(of: Int(record.word))
          ahead.add(start)
          // Two words lie on one line.
          if record.length > 16 { ahead.add(start &+ UInt(truncatingIfNeeded: record.length)) }
        }
        ahead.flush()
      }
      for index in 0..<count {
        let range = ranges[first &+ index]
        let kind = kind(first &+ index)
        if matches(items[index], range, bytes, kind, words), items[index].record.role != .free {
          results.append(
            Resolution(
              IdentifierID(items[index].number), UserID(items[index].record.bearer),
              items[index].record.role))
        } else if items[index].number == 0, !isRemoved(items[index].place) {
          results.append(.nobody)
        } else {
          results.append(resolveSlowly(kind, bytes, range))
        }
      }
    }
  }

  @inline(__always)
  private func matches(
    _ item: ResolutionScratch.Item, _ range: TextRange, _ bytes: Span<UInt8>,
    _ kind: IdentifierKind, _ words: PageTable<UInt64>
  ) -> Bool {
    let (start, length) = (Int(range.start), Int(range.count))
    guard item.record.info & IdentifierRecord.keyMask == range.count | kind.code &<< 11, length > 0
    else { return false }
    var word = Int(item.record.word)
    if let label = kind.labelWord {
      guard words[word] == label else { return false }
      word &+= 1
    }
    let wordCount = (length &+ 7) &>> 3
    return words.readRun(at: word, count: wordCount) { words in
      for part in 0..<wordCount
      where words[part] != bytes.textWord(part, start: start, count: length) { return false }
      return true
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
