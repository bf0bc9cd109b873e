import CPlatform
import Glibc

/// A program that was started, and is ended and waited for when nobody needs it any more.
final class Program {
  private let process: pid_t
  private var status: Int32?

  /// Which descriptors the program has; its words go where ours go.
  struct Streams {
    /// `nil` for nothing to read.
    var input: Descriptor?
    /// `nil` for where our words go: standard output is for data.
    var output: Descriptor?
  }

  /// Starts a program.
  ///
  /// It leads a process group of its own, so that what it starts ends with it.
  ///
  /// - Parameters:
  ///   - words: The program, looked up along the `PATH`, and its arguments.
  ///   - folder: Where it runs.
  ///   - withheld: Variables of the environment that it does not see.
  ///   - streams: What it reads and writes.
  /// - Throws: ``FileFailure`` if there is no such program or folder.
  init(
    _ words: [String], in folder: String, withholding withheld: Set<String>, _ streams: Streams
  ) throws(FileFailure) {
    var actions = unsafe posix_spawn_file_actions_t()
    var attributes = posix_spawnattr_t()
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    if let input = streams.input {
      unsafe posix_spawn_file_actions_adddup2(&actions, input.number, 0)
    } else {
      unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, streams.output?.number ?? 2, 1)
    unsafe platform_spawn_in_folder(&actions, folder)
    Self.reset(&attributes)

    var process = pid_t()
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var environment = unsafe Self.environment(without: withheld).map { unsafe strdup($0) } + [nil]
    defer {
      unsafe arguments.forEach { unsafe free($0) }
      unsafe environment.forEach { unsafe free($0) }
    }
    let failure = unsafe posix_spawnp(
      &process, words[0], &actions, &attributes, &arguments, &environment)
    guard failure == 0 else { throw FileFailure(failure) }
    self.process = process
  }

  /// No signal is blocked or ignored in it, whatever this process does.
  private static func reset(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
  }

  private static func environment(without withheld: Set<String>) -> [String] {
    SystemEnvironment.entries.filter { entry in
      !withheld.contains(String(entry.prefix { $0 != "=" }))
    }
  }

  enum End: Equatable {
    case code(Int32)
    case signal(Int32)
  }

  /// Waits for its end.
  func wait() -> End {
    let status = self.status ?? wait(for: process)
    self.status = status
    return status & 0x7F == 0 ? .code(status >> 8 & 0xFF) : .signal(status & 0x7F)
  }

  private func wait(for process: pid_t) -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(process, &status, 0) < 0, errno == EINTR {}
    return status
  }

  /// Ends it and all that it started.
  func kill() {
    guard status == nil else { return }
    _ = Glibc.kill(-process, SIGKILL)
    _ = wait()
  }

  deinit { kill() }
}

/// The environment of this process.
package enum SystemEnvironment {
  /// Each as `NAME=VALUE`.
  static var entries: [String] {
    var entries: [String] = []
    var pointer = unsafe environ
    while let entry = unsafe pointer.pointee {
      entries.append(unsafe String(cString: entry))
      unsafe pointer += 1
    }
    return entries
  }

  package static var variables: [String: String] {
    var variables: [String: String] = [:]
    for entry in entries {
      guard let equals = entry.firstIndex(of: "=") else { continue }
      variables[String(entry[..<equals])] = String(entry[entry.index(after: equals)...])
    }
    return variables
  }
}

/// Two ends of a pipe; no program inherits them.
struct Pipe {
  let reading: Descriptor
  let writing: Descriptor

  init() throws(FileFailure) {
    var ends: [Int32] = [-1, -1]
    guard unsafe platform_pipe(&ends) == 0 else { throw FileFailure(errno) }
    (reading, writing) = (Descriptor(taking: ends[0]), Descriptor(taking: ends[1]))
  }
}
