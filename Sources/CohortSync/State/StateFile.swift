import CohortFormat
package import CohortModel
import CohortWire

/// What a sync remembers between its runs; one file for each sync.
///
///     offset  size  what
///          0     8  "COHORTSY"
///          8     1  version: 1
///          9     4  length of the head, little-endian
///         13     …  the head: JSON, for people too
///          …     …  entries, in the order of their identifiers:
///                     standing                  1 byte
///                     shared with the last one  varint, bytes from the beginning
///                     rest of the identifier    varint, then its bytes
///                     primary key of its row    varint, then its bytes
///   last 32    32  SHA-256 of all before it
///
/// Written beside the old one and renamed over it: at any moment there is the one or the other,
/// whole. Before a run sends anything, it writes what it is about to tell as
/// ``Standing/unsure``: a run that is killed forgets nothing that it may have told.
package struct StateFile: Sendable {
  package var head: StateHead
  package var known: Known

  package init(head: StateHead, known: Known) { (self.head, self.known) = (head, known) }
}

/// What stands in a state beside its identifiers.
package struct StateHead: Hashable, Sendable {
  /// Which destination was told, and by what identifiers: a state is no use for another.
  package struct Destination: Hashable, Sendable {
    package let endpoint: String
    package let partner: Text
    package let cohortID: Text
    /// `external_id`, `device_id`, or `alias` with its label.
    package let match: [Text]

    package init(_ file: SyncFile) {
      endpoint = file.destination.endpoint.text
      (partner, cohortID) = (file.destination.partner, file.cohort.id)
      match =
        switch file.match.kind {
        case .externalID: ["external_id"]
        case .device: ["device_id"]
        case .alias(let label): ["alias", label]
        }
    }

    package init(endpoint: String, partner: Text, cohortID: Text, match: [Text]) {
      (self.endpoint, self.partner) = (endpoint, partner)
      (self.cohortID, self.match) = (cohortID, match)
    }
  }

  package let destination: Destination
  /// Identifiers of the model in the last run that was carried to its end.
  package var baseline: Int
  /// The name that the destination was given, and when it was first.
  package var name: Text?
  package var namedAt: Instant?

  package init(
    destination: Destination, baseline: Int = 0, name: Text? = nil, namedAt: Instant? = nil
  ) {
    (self.destination, self.baseline) = (destination, baseline)
    (self.name, self.namedAt) = (name, namedAt)
  }
}

/// Why a state cannot be used.
package enum StateError: Error, Hashable, Sendable {
  case none
  case damaged
  /// Written by a later release.
  case version(UInt8)
  case system(FileFailure)
}

// MARK: - Writing

extension StateFile {
  static let magic = Array("COHORTSY".utf8)
  static let version: UInt8 = 1

  /// Replaces the file.
  ///
  /// - Parameters:
  ///   - path: Of the file.
  ///   - head: What stands before the identifiers.
  ///   - entries: Calls its argument for each identifier, in their order.
  /// - Throws: ``FileFailure``; the file is then the old one.
  package static func write(
    _ path: String, _ head: StateHead,
    entries: ((Span<UInt8>, Span<UInt8>, Standing) throws(FileFailure) -> Void)
      throws(FileFailure) -> Void
  ) throws(FileFailure) {
    try FileSystem.replace(path) { file throws(FileFailure) in
      var encoder = StateEncoder(head)
      try entries { identifier, key, standing throws(FileFailure) in
        encoder.append(identifier, key, standing)
        if encoder.isFull { try encoder.pour(into: &file) }
      }
      try encoder.finish(into: &file)
    }
  }
}

/// Makes the bytes of a state, piece by piece.
struct StateEncoder {
  private var bytes: [UInt8] = []
  private var hash = SHA256()
  private var last: [UInt8] = []

  init(_ head: StateHead) {
    let text = head.json
    bytes = StateFile.magic + [StateFile.version]
    for shift in stride(from: 0, to: 32, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: text.count >> shift))
    }
    bytes += text
  }

  mutating func append(_ identifier: Span<UInt8>, _ key: Span<UInt8>, _ standing: Standing) {
    let shared = last.span.shared(with: identifier)
    let rest = identifier.extracting(shared...)
    // Three numbers of at most five bytes each.
    bytes.append(addingCapacity: 16 + rest.count + key.count) { output in
      output.append(standing.rawValue)
      Self.append(varint: shared, to: &output)
      Self.append(varint: rest.count, to: &output)
      for index in rest.indices { output.append(rest[index]) }
      Self.append(varint: key.count, to: &output)
      for index in key.indices { output.append(key[index]) }
    }
    last.removeLast(last.count - shared)
    last.append(copying: rest)
  }

  @inline(__always)
  private static func append(varint value: Int, to output: inout OutputSpan<UInt8>) {
    var value = value
    while value >= 0x80 {
      output.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    output.append(UInt8(truncatingIfNeeded: value))
  }

  /// Whether there is enough for a system call.
  var isFull: Bool { bytes.count >= 1 << 20 }

  /// Writes what was made since the last time.
  mutating func pour(into file: inout FileWriter) throws(FileFailure) {
    var made: [UInt8] = []
    swap(&made, &bytes)
    hash.update(made.span)
    try file.write(made)
    made.removeAll(keepingCapacity: true)
    swap(&made, &bytes)
  }

  /// Writes the rest, with the digest.
  mutating func finish(into file: inout FileWriter) throws(FileFailure) {
    try pour(into: &file)
    try file.write(hash.digest().array)
  }
}

// MARK: - Reading

extension StateFile {
  /// Reads a file.
  ///
  /// - Throws: ``StateError``.
  package static func read(_ path: String) throws(StateError) -> StateFile {
    let bytes: [UInt8]
    do throws(FileFailure) { bytes = try FileSystem.read(path) } catch {
      throw FileSystem.exists(path) ? .system(error) : .none
    }
    return try StateFile(decoding: bytes)
  }

  /// Reads the head of a file alone, of which nothing is proved yet: ``read(_:)`` may still find
  /// that it is damaged.
  ///
  /// - Returns: `nil` if there is none that this release can read.
  static func peek(_ path: String) -> StateHead? {
    guard let beginning = try? FileSystem.beginning(of: path),
      beginning.count > 8, beginning[8] == version
    else { return nil }
    return head(beginning[...])?.head
  }

  /// The head of a file that begins so, and where it ends.
  fileprivate static func head(_ bytes: ArraySlice<UInt8>) -> (head: StateHead, end: Int)? {
    guard bytes.count >= 13, bytes.starts(with: magic) else { return nil }
    let end = (0..<4).reduce(13) { $0 + Int(bytes[9 + $1]) << ($1 * 8) }
    guard end <= bytes.count, let head = StateHead(json: Array(bytes[13..<end])) else {
      return nil
    }
    return (head, end)
  }

  /// - Throws: ``StateError/damaged`` unless every byte is as it was written.
  package init(decoding bytes: [UInt8]) throws(StateError) {
    var decoder = StateDecoder(bytes: bytes)
    guard let (head, known) = try decoder.decode() else { throw .damaged }
    self.init(head: head, known: known)
  }
}

/// Reads the bytes of a state from front to back.
///
/// Nothing is believed before the digest is right.
private struct StateDecoder {
  let bytes: [UInt8]
  var at = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var end: Int { bytes.count - 32 }

  mutating func decode() throws(StateError) -> (StateHead, Known)? {
    guard end >= 13, bytes.starts(with: StateFile.magic) else { return nil }
    var hash = SHA256()
    hash.update(bytes.span.extracting(0..<end))
    guard hash.digest().array == Array(bytes[end...]) else { return nil }
    guard bytes[8] == StateFile.version else { throw .version(bytes[8]) }
    guard let (head, place) = StateFile.head(bytes[..<end]) else { return nil }
    at = place
    return entries().map { (head, $0) }
  }

  private mutating func entries() -> Known? {
    var (texts, keys) = (TextList(), TextList())
    var standings: [Standing] = []
    let start = at
    var last: [UInt8] = []
    while at < end {
      guard let standing = Standing(rawValue: bytes[at]) else { return nil }
      at += 1
      guard let shared = varint(), shared <= last.count, let rest = text(),
        let key = text(), texts.hasRoom(for: shared + rest.count), keys.hasRoom(for: key.count)
      else { return nil }
      last.removeLast(last.count - shared)
      last.append(copying: bytes.span.extracting(rest))
      texts.append(last)
      keys.append(bytes.span.extracting(key))
      standings.append(standing)
      if standings.count == 1 << 14 {
        let factor = Double(end - start) / Double(at - start)
        texts.reserve(times: factor)
        keys.reserve(times: factor)
        standings.reserveCapacity(Int(Double(standings.count) * factor * 1.1))
      }
    }
    return Known(Identifiers(texts: texts, keys: keys), standings)
  }

  private mutating func text() -> Range<Int>? {
    guard let count = varint(), count <= end - at else { return nil }
    defer { at += count }
    return at..<at + count
  }

  private mutating func varint() -> Int? {
    var (value, shift) = (0, 0)
    while at < end, shift < 35 {
      let byte = bytes[at]
      at += 1
      value |= Int(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    return nil
  }
}

// MARK: - The head

extension StateHead {
  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { json in
      json.member("endpoint", destination.endpoint)
      json.member("partner", utf8: destination.partner.bytes)
      json.member("cohort_id", utf8: destination.cohortID.bytes)
      json.key("match")
      json.array { for text in destination.match { $0.string(utf8: text.bytes) } }
      json.member("baseline", baseline)
      if let name { json.member("name", utf8: name.bytes) }
      if let namedAt { json.member("named_at", namedAt.rfc3339) }
    }
    return writer.bytes
  }

  init?(json: [UInt8]) {
    guard let root = try? JSONDocument(parsing: json).root,
      let endpoint = root["endpoint"]?.string, let partner = root["partner"]?.string,
      let cohortID = root["cohort_id"]?.string, let match = root["match"],
      let baseline = root["baseline"]?.unsignedInteger.flatMap(Int.init(exactly:))
    else { return nil }
    self.init(
      destination: Destination(
        endpoint: String(decoding: endpoint, as: UTF8.self), partner: Text(bytes: Array(partner)),
        cohortID: Text(bytes: Array(cohortID)),
        match: match.elements.compactMap { $0.string.map { Text(bytes: Array($0)) } }),
      baseline: baseline, name: root["name"]?.string.map { Text(bytes: Array($0)) },
      namedAt: root["named_at"]?.string.flatMap { Instant(text: $0.span) })
  }
}

extension Digest {
  fileprivate var array: [UInt8] {
    let bytes = self.bytes
    return bytes.indices.map { bytes[$0] }
  }
}
