/// The labels of aliases: each distinct string of bytes has one number, dense from 1.
///
/// Labels are public words such as `braze_device`; they are never erased.
struct Labels: Sendable {
  struct Record: Equatable {
    var word: UInt32
    var count: UInt32
  }

  static var domain: UInt64 { 3 }

  private(set) var records = PagedArray(blank: Record(word: 0, count: 0))
  private var slots: SlotTable

  init(minimumSlotBits: Int) {
    records.append(Record(word: 0, count: 0))
    slots = SlotTable(minimumSlotBits: minimumSlotBits)
  }

  var count: Int { records.count - 1 }

  func find(_ text: Span<UInt8>, in texts: Texts, by hash: TextHash) -> LabelID? {
    let number = slots.find(digest(text, by: hash)) { matches($0, text, in: texts) }.number
    return number == 0 ? nil : LabelID(number)
  }

  mutating func intern(
    _ text: Span<UInt8>, in texts: inout Texts, by hash: TextHash
  ) -> LabelID {
    if let label = find(text, in: texts, by: hash) { return label }
    if !slots.hasRoom(for: records.count) { rebuild(texts, by: hash) }
    let digest = digest(text, by: hash)
    let number = UInt32(records.count)
    let place = texts.store(text, behind: nil)
    records.append(Record(word: place, count: UInt32(text.count)))
    slots.insert(number, digest, at: slots.find(digest) { _ in false }.slot)
    return LabelID(number)
  }

  func text(of label: LabelID, in texts: Texts) -> [UInt8] {
    let record = records[Int(label.rawValue)]
    var bytes: [UInt8] = []
    texts.append(at: Int(record.word), count: Int(record.count), to: &bytes)
    return bytes
  }

  private func digest(_ text: Span<UInt8>, by hash: TextHash) -> UInt64 {
    hash(domain: Self.domain, text, start: 0, count: text.count)
  }

  private func matches(_ number: UInt32, _ bytes: Span<UInt8>, in texts: Texts) -> Bool {
    let record = records[Int(number)]
    return Int(record.count) == bytes.count
      && texts.equals(at: Int(record.word), bytes, start: 0, count: bytes.count)
  }

  /// Fills a new slot table from the records.
  ///
  /// - Returns: the first number whose text is also that of an earlier number, or nil.
  @discardableResult private mutating func rebuild(_ texts: Texts, by hash: TextHash) -> Int? {
    slots = SlotTable(for: records.count * 5 / 4, largest: records.count)
    for number in 1..<max(1, records.count) {
      let record = records[number]
      let (place, count) = (Int(record.word), Int(record.count))
      let digest = texts.hash(at: place, count: count, domain: Self.domain, by: hash)
      let found = slots.find(digest) {
        let other = records[Int($0)]
        return other.count == record.count && texts.equals(Int(other.word), place, count: count)
      }
      guard found.number == 0 else { return number }
      slots.insert(UInt32(number), digest, at: found.slot)
    }
    return nil
  }
}

extension Labels {
  func append(to output: inout [UInt8]) { records.append(to: &output) }

  init(
    from bytes: Span<UInt8>, at cursor: inout SnapshotCursor, in texts: Texts, by hash: TextHash
  ) throws(SnapshotDamage) {
    self.init(minimumSlotBits: 6)
    let start = cursor.offset
    records = try PagedArray(
      blank: Record(word: 0, count: 0), dense: bytes, at: &cursor, atMost: Int(UInt32.max))
    guard records.count > 0 else { throw SnapshotDamage(at: start, "the labels are missing") }
    for number in 0..<records.count {
      let record = records[number]
      guard record.count <= Directory.maximumTextBytes,
        texts.isWhole(at: Int(record.word), prefix: 0, count: Int(record.count))
      else { throw SnapshotDamage(at: start, "label \(number) has no text") }
    }
    if let number = rebuild(texts, by: hash) {
      throw SnapshotDamage(at: start, "label \(number) occurs twice")
    }
  }
}
