extension IdentifierKind {
  /// What the hash mixes in, so that equal bytes in two name spaces do not meet.
  @inline(__always) var domain: UInt64 {
    switch self {
    case .externalID: 1
    case .device: 2
    case .alias(let label): 4 | UInt64(label.rawValue) << 3
    }
  }

  /// The kind as it stands in a record.
  @inline(__always) var code: UInt32 {
    switch self {
    case .externalID: 0
    case .alias: 1
    case .device: 2
    }
  }

  /// The word before the text, or nil.
  @inline(__always) var labelWord: UInt64? {
    if case .alias(let label) = self { UInt64(label.rawValue) } else { nil }
  }
}

/// A text to look for: where it lies, its name space, its hash.
struct TextKey {
  let kind: IdentifierKind
  let start: Int
  let count: Int
  let hash: UInt64

  @inline(__always)
  init(_ kind: IdentifierKind, _ bytes: Span<UInt8>, start: Int, count: Int, by hash: TextHash) {
    self.kind = kind
    self.start = start
    self.count = count
    precondition(start &+ count <= bytes.count, "A text must lie within its buffer.")
    self.hash = hash(domain: kind.domain, bytes, start: start, count: count)
  }

  /// The length and the kind, as they stand in `IdentifierRecord.info`.
  @inline(__always) var info: UInt32 { UInt32(truncatingIfNeeded: count) | kind.code &<< 11 }
}

extension Directory {
  /// The identifier of this kind with exactly these bytes that a user bore at `position`.
  ///
  /// An identifier in the role `merged` is borne: the answer to it is "merged".
  ///
  /// - Complexity: O(1), and one step for each later re-use of the same bytes.
  public func identifier(
    _ kind: IdentifierKind, _ text: Span<UInt8>, at position: Position = .never
  ) -> IdentifierID? {
    var number = newest(kind, text)
    while number != 0 {
      let identifier = IdentifierID(number)
      if bearer(of: identifier, at: position) != nil { return identifier }
      number = earlier[Int(number)]
    }
    return nil
  }

  /// Everyone who ever bore an identifier of this kind with these bytes, and when, oldest first.
  public func everBorne(_ kind: IdentifierKind, _ text: Span<UInt8>) -> [Bearing] {
    var chain: [IdentifierID] = []
    var number = newest(kind, text)
    while number != 0 {
      chain.append(IdentifierID(number))
      number = earlier[Int(number)]
    }
    return chain.reversed().flatMap(bearings)
  }

  /// The newest identifier with these bytes, borne or not; 0: none.
  private func newest(_ kind: IdentifierKind, _ text: Span<UInt8>) -> UInt32 {
    guard Self.canBeBorne(text.count) else { return 0 }
    let key = TextKey(kind, text, start: 0, count: text.count, by: hash)
    return find(key, text).number
  }

  /// Asks for the slots at which finding these external ids begins.
  func prefetch(_ texts: [Text], with prefetch: Prefetch?) {
    guard prefetch != nil else { return }
    var ahead = PrefetchQueue(prefetch)
    slots.slots.withPages { pages in
      for text in texts where Self.canBeBorne(text.bytes.count) {
        let digest = hash(
          domain: IdentifierKind.externalID.domain, text.bytes.span, start: 0,
          count: text.bytes.count)
        ahead.add(pages.place(of: slots.home(of: digest)))
      }
    }
    ahead.flush()
  }

  @inline(__always) static func canBeBorne(_ count: Int) -> Bool {
    count &- 1 < maximumTextBytes && count > 0
  }

  @inline(__always)
  func find(_ key: TextKey, _ bytes: Span<UInt8>, from slot: Int? = nil) -> (
    slot: Int, number: UInt32
  ) {
    slots.find(key.hash, from: slot) { number in
      let record = identifiers[Int(number)]
      guard record.info & IdentifierRecord.keyMask == key.info else { return false }
      var word = Int(record.word)
      if let label = key.kind.labelWord {
        guard texts.words[word] == label else { return false }
        word &+= 1
      }
      return texts.equals(at: word, bytes, start: key.start, count: key.count)
    }
  }
}

extension Directory {
  /// Erases the bytes of `identifier`: it is found no more, and its number keeps its meaning.
  ///
  /// Copies made before keep the bytes until their last reader has gone. Idempotent.
  package mutating func eraseText(of identifier: IdentifierID) {
    precondition(contains(identifier), "The identifier was never introduced.")
    let number = identifier.rawValue
    let record = identifiers[Int(number)]
    guard record.length > 0 else { return }
    let word = Int(record.word) + record.prefix
    unlink(number, record)
    texts.erase(at: word, count: record.length)
    identifiers[Int(number)].info &= ~IdentifierRecord.lengthMask
    if !record.isAlias { identifiers[Int(number)].word = 0 }
  }

  /// Takes an identifier out of the chain of those with the same bytes.
  private mutating func unlink(_ number: UInt32, _ record: IdentifierRecord) {
    let digest = storedHash(record)
    let found = slots.find(digest) { sameText(identifiers[Int($0)], record) }
    let before = earlier[Int(number)]
    if found.number != number {
      var later = found.number
      while later != 0, earlier[Int(later)] != number { later = earlier[Int(later)] }
      if later != 0 { earlier[Int(later)] = before }
    } else if before != 0 {
      slots.replace(with: before, digest, at: found.slot)
    } else {
      slots.remove(at: found.slot)
    }
    if before != 0 { earlier[Int(number)] = 0 }
  }

  @inline(__always) func storedHash(_ record: IdentifierRecord) -> UInt64 {
    let word = Int(record.word)
    let domain: UInt64
    switch record.info &>> 11 & 3 {
    case 0: domain = IdentifierKind.externalID.domain
    case 1: domain = 4 | texts.words[word] &<< 3
    default: domain = IdentifierKind.device.domain
    }
    return texts.hash(at: word &+ record.prefix, count: record.length, domain: domain, by: hash)
  }

  func sameText(_ a: IdentifierRecord, _ b: IdentifierRecord) -> Bool {
    guard (a.info ^ b.info) & IdentifierRecord.keyMask == 0 else { return false }
    if a.isAlias, texts.words[Int(a.word)] != texts.words[Int(b.word)] { return false }
    return texts.equals(Int(a.word) + a.prefix, Int(b.word) + b.prefix, count: a.length)
  }

  /// Fills a new slot table from the records, with room for a quarter more.
  ///
  /// In blocks: hash all, touch the home slots of all, insert all, so that the misses overlap.
  mutating func rebuildSlots() {
    let live = slots.live == 0 ? identifierCount : slots.live
    var table = SlotTable(for: live + live / 4 + 1, largest: identifiers.count)
    let block = 256
    var digests = [UInt64](repeating: 0, count: block)
    var homes = [UInt32](repeating: 0, count: block)
    var chained: [(number: Int, earlier: UInt32)] = []
    table.fill { insert in
      for start in stride(from: 1, to: identifiers.count, by: block) {
        let count = min(block, identifiers.count - start)
        for index in 0..<count {
          let record = identifiers[start + index]
          digests[index] = record.length == 0 ? 0 : storedHash(record)
        }
        for index in 0..<count { homes[index] = insert.home(of: digests[index]) }
        for index in 0..<count {
          let number = start + index
          let record = identifiers[number]
          if record.length == 0 { continue }
          let other = insert(
            UInt32(truncatingIfNeeded: number), digests[index], home: homes[index]
          ) { sameText(identifiers[Int($0)], record) }
          if other != 0 { chained.append((number, other)) }
        }
      }
    }
    for (number, other) in chained where earlier[number] != other { earlier[number] = other }
    slots = table
  }
}
