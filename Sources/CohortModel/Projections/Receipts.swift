/// The answers to the last 100,000 writes that carried an idempotency key.
///
/// Invariant: `byKey` names exactly the receipts of the window whose key is not erased, the
/// newest of each key.
public struct Receipts: Equatable, Sendable {
  public struct Entry: Hashable, Sendable {
    public let receipt: Receipt
    public let key: KeyID
    public let position: Position
    /// Where the fingerprint lies, behind the texts of the event at `position`.
    let fingerprintItem: UInt32
  }

  private struct Name: Hashable, Sendable {
    let key: KeyID
    let text: [UInt8]
  }

  /// Receipt n, counted from 0 over the whole log, lies at n modulo the window.
  private var entries = Shelves<Entry>()
  private var total = 0
  private var byKey = SharedDictionary<Name, Int>()

  public static let window = 100_000

  public init() {}

  /// What this API key was answered when it used this idempotency key before.
  public func find(_ text: [UInt8], of key: KeyID) -> Entry? {
    byKey[Name(key: key, text: text)].map { entries[$0 % Self.window] }
  }

  /// Those of the window, oldest first.
  public var current: [Entry] {
    (max(0, total - Self.window)..<total).map { entries[$0 % Self.window] }
  }

  /// - `fingerprintItem`: The number of its fingerprint among the texts at `position`.
  mutating func add(
    _ receipt: Receipt, of key: KeyID, at position: Position, fingerprintItem: UInt32
  ) {
    let entry = Entry(
      receipt: receipt, key: key, position: position, fingerprintItem: fingerprintItem)
    if total < Self.window {
      entries.append(entry)
    } else {
      forget(total - Self.window)
      entries[total % Self.window] = entry
    }
    if let text = receipt.key.bytes { byKey[Name(key: key, text: text)] = total }
    total += 1
  }

  /// Drops a fingerprint that an erasure names; from then on the key alone decides.
  ///
  /// - Complexity: O(log window).
  mutating func eraseFingerprint(_ name: TextName) {
    var (low, high) = (max(0, total - Self.window), total)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle % Self.window].position < name.position {
        low = middle + 1
      } else {
        high = middle
      }
    }
    guard low < total else { return }
    let entry = entries[low % Self.window]
    guard entry.position == name.position, entry.fingerprintItem == name.item else { return }
    let receipt = entry.receipt
    entries[low % Self.window] = Entry(
      receipt: Receipt(
        key: receipt.key, fingerprint: .erased, status: receipt.status, answer: receipt.answer),
      key: entry.key, position: entry.position, fingerprintItem: entry.fingerprintItem)
  }

  private mutating func forget(_ index: Int) {
    let old = entries[index % Self.window]
    guard let text = old.receipt.key.bytes else { return }
    let name = Name(key: old.key, text: text)
    if byKey[name] == index { byKey[name] = nil }
  }
}
