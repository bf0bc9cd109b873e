/// How a log uses its disk.
///
/// The defaults are for servers; tests make everything small.
package struct LogOptions: Hashable, Sendable {
  /// How far the log is scanned with one read, in bytes.
  package var readSize = 8 << 20
  package var space = SpacePolicy()
  /// One index entry for so many bytes of log.
  package var indexSpacing: UInt64 = 64 << 10

  package init() {}
}
