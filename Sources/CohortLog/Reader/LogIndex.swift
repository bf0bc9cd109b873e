package import CohortFormat
import CohortModel

/// Where some of the frames lie: one for every 64 KiB of log, so that any can be found with one
/// short walk.
///
///     log    ├─frame─┼─frame─┼─frame─┼─frame─┼─seal─┼─frame─┼─…
///     index      ▲               ▲                      ▲
///
/// Invariant: offsets, positions and times ascend.
package struct LogIndex: Hashable, Sendable {
  struct Entry: Hashable, Sendable {
    let offset: UInt64
    /// Of the first event in the frame, or of the next one behind a seal.
    let first: Position
    let time: Instant
  }

  private(set) var entries: [Entry] = []
  private let spacing: UInt64

  package init(spacing: UInt64 = LogOptions().indexSpacing) { self.spacing = spacing }

  /// Takes note of a frame behind all those noted before.
  package mutating func add(_ header: FrameHeader) {
    if let last = entries.last, header.fileOffset < last.offset + spacing { return }
    entries.append(
      Entry(offset: header.fileOffset, first: header.firstPosition, time: header.time))
  }

  /// Forgets the frames at and behind `offset`.
  mutating func cut(at offset: UInt64) {
    while let last = entries.last, last.offset >= offset { entries.removeLast() }
  }

  /// The last noted frame that begins at or before `position`.
  func entry(before position: Position) -> Entry? {
    last { $0.first <= position }
  }

  /// The last noted frame that is not later than `time`.
  func entry(before time: Instant) -> Entry? {
    last { $0.time <= time }
  }

  /// The first noted frame whose events are all behind `position`.
  func entry(from position: Position) -> Entry? {
    let index = count { $0.first <= position }
    return index < entries.count ? entries[index] : nil
  }

  /// The last noted frame that begins at or before `offset`.
  func entry(notBehind offset: UInt64) -> Entry? { last { $0.offset <= offset } }

  /// The first noted frame behind `offset`.
  func entry(behind offset: UInt64) -> Entry? {
    let index = count { $0.offset <= offset }
    return index < entries.count ? entries[index] : nil
  }

  private func last(where holds: (Entry) -> Bool) -> Entry? {
    let count = count(where: holds)
    return count == 0 ? nil : entries[count - 1]
  }

  /// How many entries `holds` is true of: those at the front.
  private func count(where holds: (Entry) -> Bool) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(entries[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension LogIndex {
  /// To be kept in a snapshot: spacing u64, then offset u64, position u64, time i64 of each entry.
  package var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + entries.count * LogIndex.entrySize)
    bytes.append(littleEndian: spacing)
    for entry in entries {
      bytes.append(littleEndian: entry.offset)
      bytes.append(littleEndian: entry.first.rawValue)
      bytes.append(littleEndian: entry.time.microseconds)
    }
    return bytes
  }

  /// Reads ``bytes``; `nil` for anything else.
  package init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 8, (bytes.count - 8).isMultiple(of: LogIndex.entrySize) else {
      return nil
    }
    spacing = bytes.littleEndian(at: 0)
    entries.reserveCapacity((bytes.count - 8) / LogIndex.entrySize)
    for start in stride(from: 8, to: bytes.count, by: LogIndex.entrySize) {
      let entry = Entry(
        offset: bytes.littleEndian(at: start), first: Position(bytes.littleEndian(at: start + 8)),
        time: Instant(microseconds: bytes.littleEndian(at: start + 16)))
      if let last = entries.last {
        guard last.offset < entry.offset, last.first <= entry.first, last.time < entry.time else {
          return nil
        }
      }
      entries.append(entry)
    }
  }

  private static let entrySize = 24
}
