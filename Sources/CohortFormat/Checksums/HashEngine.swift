import CPlatform

/// Who computes a checksum: Swift code that runs anywhere, or instructions of this processor.
///
/// Both give the same bytes. The faster one is chosen at start; the other is its test.
package enum HashEngine: Sendable, CaseIterable {
  case portable
  case processor

  /// The fastest engine for CRC-32C on this machine.
  package static let crc32c: HashEngine = platform_has_crc32c() ? .processor : .portable

  /// The fastest engine for SHA-256 on this machine.
  package static let sha256: HashEngine = platform_has_sha256() ? .processor : .portable
}
