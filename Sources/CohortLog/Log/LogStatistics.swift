/// What a log has done since it was opened.
package struct LogStatistics: Hashable, Sendable {
  package var framesWritten = 0
  package var bytesWritten = 0
  package var zerosWritten = 0
  package var syncs = 0
  package var failedWrites = 0
  package var textsErased = 0

  package init() {}
}
