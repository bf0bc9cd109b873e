import CohortHTTP
import CohortModel
package import CohortThreads
import CohortWire
import Glibc

/// One line of JSON for each request that was answered, or could not be.
///
///     {"time":"…","request":17,"method":"POST","route":"/users/track","status":201,
///      "bytes_in":512,"bytes_out":64,"microseconds":412,"key":"key:3","complete":true}
///
/// Never in a line: identifiers, secrets, paths and query values as they were sent; a request is
/// called by its number, its route and the number of its key. Lines wait in a bounded queue, so a
/// slow disk slows nobody down; those that find no room are counted, and a line tells how many.
package final class AccessLog: Sendable {
  private struct Queue {
    var bytes: [UInt8] = []
    /// What comes after the file is opened anew.
    var later: [UInt8] = []
    var dropped: UInt64 = 0
    var isReopening = false
    var isEnding = false
    var hasEnded = false
    /// Since the start.
    var droppedEver: UInt64 = 0
  }

  private let queue: Monitor<Queue>
  private let path: String?
  private let thread: Thread

  /// Bytes of lines that may wait.
  private static var sizeMax: Int { 4 << 20 }

  /// Begins a log.
  ///
  /// - Parameter path: A file to add to; `nil` for standard error.
  /// - Throws: ``Unopened`` if the file cannot be opened, or there is no thread to write to it.
  package init(path: String? = nil) throws(Unopened) {
    let number: Int32
    if let path { number = try Self.open(path) } else { number = STDERR_FILENO }
    self.path = path
    let queue = Monitor(Queue())
    self.queue = queue
    do throws(ThreadFailure) {
      thread = try Thread("access-log") { Self.run(queue, path, number) }
    } catch {
      if path != nil { close(number) }
      throw .noThread(error)
    }
  }

  /// Why a log cannot be begun.
  package enum Unopened: Error, CustomStringConvertible {
    case file(path: String, errno: Int32)
    case noThread(ThreadFailure)

    package var description: String {
      switch self {
      case .file(let path, let errno):
        "The access log '\(path)' cannot be opened (errno \(errno)). "
          + "Name a file in a folder that may be written to."
      case .noThread(let failure): failure.description
      }
    }
  }

  /// Adds a line, or counts it as dropped.
  package func append(_ line: [UInt8]) {
    queue.change { queue in
      guard queue.bytes.count + queue.later.count + line.count <= Self.sizeMax else {
        queue.dropped += 1
        queue.droppedEver += 1
        return
      }
      if queue.isReopening { queue.later += line } else { queue.bytes += line }
    }
  }

  /// Lines that found no room, since the start.
  var droppedCount: UInt64 { queue.look { $0.droppedEver } }

  /// Opens the file anew, after the old one was moved away.
  ///
  /// Lines before it go to the old file, lines after it to the new one. If there can be none, the
  /// old one goes on.
  package func reopen() { queue.change { $0.isReopening = true } }

  /// Ends when every line has been written, but does not wait for ever: whoever has stopped to read
  /// standard error must not keep a server from ending.
  ///
  /// - Parameter milliseconds: How long to wait at most; what is not written by then may be lost.
  package func end(within milliseconds: Int = 1_000) {
    queue.change { $0.isEnding = true }
    if queue.wait(milliseconds: milliseconds, for: { $0.hasEnded ? () : nil }) != nil {
      thread.join()
    }
  }

  private static func run(_ queue: Monitor<Queue>, _ path: String?, _ first: Int32) {
    var number = first
    defer { queue.change { $0.hasEnded = true } }
    while true {
      let taken = queue.wait { queue -> Queue? in
        guard !queue.bytes.isEmpty || queue.isReopening || queue.isEnding else { return nil }
        let taken = queue
        queue = Queue()
        queue.droppedEver = taken.droppedEver
        return taken
      }
      guard let taken else { return }
      write(taken.bytes, to: number)
      if taken.dropped > 0 {
        var json = JSONWriter()
        json.object { $0.member("dropped", taken.dropped) }
        json.endLine()
        write(json.bytes, to: number)
      }
      if taken.isReopening, let path, let new = try? open(path) {
        close(number)
        number = new
      }
      write(taken.later, to: number)
      if taken.isEnding {
        if path != nil { close(number) }
        return
      }
      // Under load a line comes every few microseconds; to be woken for each costs whoever adds it
      // more than the line. So they gather for a moment.
      usleep(2_000)
    }
  }

  private static func open(_ path: String) throws(Unopened) -> Int32 {
    let number = unsafe Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    guard number >= 0 else { throw .file(path: path, errno: errno) }
    guard number <= STDERR_FILENO else { return number }
    // Never the number of a standard stream that was closed.
    let moved = fcntl(number, F_DUPFD_CLOEXEC, 3)
    close(number)
    guard moved >= 0 else { throw .file(path: path, errno: errno) }
    return moved
  }

  /// What cannot be written is lost: a full disk must not stop the server.
  private static func write(_ bytes: [UInt8], to number: Int32) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(number, $0.baseAddress?.advanced(by: start), $0.count - start)
      }
      if count > 0 {
        start += count
      } else if count == 0 || errno != EINTR {
        return
      }
    }
  }
}

extension Exchange.Summary {
  /// The line of an access log.
  func line(at time: Instant, _ visit: Visits.Visit) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.member("time", time.rfc3339)
      json.member("request", head?.number ?? 0)
      json.member("method", head?.method.rawValue ?? "-")
      json.member("route", visit.route?.pattern ?? "-")
      json.key("status")
      if let status { json.integer(status) } else { json.null() }
      json.member("bytes_in", bytesIn)
      json.member("bytes_out", bytesOut)
      json.member("microseconds", microseconds)
      json.key("key")
      if let key = visit.key { json.string(key.description) } else { json.null() }
      json.member("complete", isComplete)
    }
    json.endLine()
    return json.bytes
  }
}
