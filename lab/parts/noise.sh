# shellcheck shell=bash
# What people leave in their start-up files, and worse: output on both streams at every start of the shell,
# colours, text that looks like a protocol's own marks, bytes that are no UTF-8, and no final newline.
printf 'Welcome to noisy!\n  \033[1;31mdisk 93%% full\033[0m\r\n'
printf '%s\n' '---BEGIN---' '0 0' 'exit 0' 'EXIT:0' '{"status":"ok"}' 'HTTP/1.1 200 OK' ''
printf '\036\037\001\002\377\376\200caf\351\n'
printf 'stderr: you have new mail\n\033]0;title\007' >&2
printf '\377\000\376 not text\n' >&2
i=0
while [ $i -lt 200 ]; do
  printf 'motd line %s: the quick brown fox jumps over the lazy dog\n' $i
  printf 'warning %s: setlocale: cannot change locale\n' $i >&2
  i=$((i + 1))
done
unset i
alias printf='echo' ls='ls --color=always' cat='cat -n' read='true'
echo() { command echo "[noisy] $*"; }
export PS1='noisy \$ ' CDPATH=/tmp
printf 'no newline at the end>'
