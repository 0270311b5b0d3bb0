/** Starts as sudo, doas and su do, with $FAKE_PTY in a session of its own as sudo does with use_pty, and keeps a line of each start in $FAKE_LOG: no secret is ever among the words. */
const start = `#!/bin/sh
run() { if [ -n "$FAKE_PTY" ]; then exec setsid -w "$@"; else exec "$@"; fi; }
printf '%s\\n' "$0 $*" >>"$FAKE_WORDS"
echo called >>"$FAKE_LOG"
`;

/** What all three say where they are asked to misbehave. */
const refusals = `
case $FAKE in
  silent-exit) exit 1 ;;
  hang) echo 'Verification code: ' >&2; sleep 20 ;;
  says:*) printf '%s\\n' "\${FAKE#says:}" >&2; exit 1 ;;
esac
`;

/** Reads the password from stdin byte by byte, prompts and complains on stderr; expands %p in the prompt. */
const sudo = `${start}
while [ $# -gt 0 ]; do case $1 in
  -H) shift ;; -n) silent=1; shift ;; -S) shift ;; -p) prompt=\${2%%%p:}ann:; shift 2 ;; -u) user=$2; shift 2 ;; --) shift; break ;;
esac; done
${refusals}
case $FAKE in
  expired) printf %s "$prompt" >&2; IFS= read -r given; echo 'sudo: Account or password is expired, reset your password and try again' >&2
    printf '[sudo] password for %%p: ' >&2; read -r given; exit 1 ;;
  password:*)
    [ -z "$silent" ] || { echo 'sudo: a password is required' >&2; exit 1; }
    echo 'We trust you have received the usual lecture.' >&2
    for try in 1 2 3; do
      printf %s "$prompt" >&2
      IFS= read -r given || exit 1
      echo "password" >>"$FAKE_LOG"
      [ "$given" = "\${FAKE#password:}" ] && break
      [ "$FAKE_TRIES" = $try ] && { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
      echo 'Sorry, try again.' >&2
      [ $try = 3 ] && exit 1
    done ;;
esac
export FAKE_USER=$user LC_SEEN=$LC_ALL
run "$@"
`;

/** Without \`-n\` asks on the terminal it belongs to, and only there. */
const doas = `${start}
while [ $# -gt 0 ]; do case $1 in -n) silent=1; shift ;; -u) user=$2; shift 2 ;; --) shift; break ;; esac; done
${refusals}
case $FAKE in
  locked) [ -z "$silent" ] || { echo 'doas: Authentication required' >&2; exit 1; }; echo 'doas: Authentication failed' >&2; exit 1 ;;
  password:*)
    [ -z "$silent" ] || { echo 'doas: Authentication required' >&2; exit 1; }
    { : >/dev/tty; } 2>/dev/null || { echo 'doas: a tty is required' >&2; exit 1; }
    stty -echo </dev/tty
    printf '\\rdoas (ann@host) password: ' >/dev/tty
    IFS= read -r given </dev/tty
    echo "password" >>"$FAKE_LOG"
    stty echo </dev/tty
    printf '\\n' >/dev/tty
    [ "$given" = "\${FAKE#password:}" ] || { echo 'doas: Authentication failed' >&2; exit 1; } ;;
esac
export FAKE_USER=$user
exec 3<&- 4<&- 5<&-
run "$@"
`;

/** Asks as PAM does where stdin is no terminal: in words of its own, for one line. */
const su = `${start}
while [ $# -gt 0 ]; do case $1 in -s) shell=$2; shift 2 ;; -c) line=$2; shift 2 ;; --) shift; break ;; esac; done
user=$1; shift
${refusals}
case $FAKE in
  expired) printf 'Password: ' >&2; IFS= read -r given
    printf 'You are required to change your password immediately.\\nCurrent password: ' >&2; read -r given; exit 1 ;;
  password:*)
    printf 'Password: ' >&2
    IFS= read -r given || exit 1
    echo "password" >>"$FAKE_LOG"
    [ "$given" = "\${FAKE#password:}" ] || { echo 'su: Authentication failure' >&2; exit 1; } ;;
esac
export FAKE_USER=$user
run "$shell" -c "$line" "$@"
`;

/** Scripts that behave on their streams as the real ones do, driven by $FAKE. */
export const fakes = { sudo, doas, su } as const;
