/// What each shell reads: a function that asks the program, so that the script never grows old.
extension CompletingShell {
    var script: String {
        switch self {
        case .bash: Self.bashScript
        case .zsh: Self.zshScript
        case .fish: Self.fishScript
        }
    }

    /// A candidate that ends so goes on: there is no blank behind it.
    private static let bashScript = #"""
        # bash completion of flagserver: made by 'flagserver completions bash'.

        _flagserver() {
            local program=$1 kind line current=${COMP_WORDS[COMP_CWORD]}
            type -P "$program" >/dev/null 2>&1 || program=flagserver
            COMPREPLY=()
            {
                IFS= read -r kind
                while IFS= read -r line; do
                    COMPREPLY+=("$line")
                done
            } < <("$program" complete bash -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
            [[ $current == "=" || $current == ":" ]] && current=
            case $kind in
                files) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
                folders) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
                commands) mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -c -- "$current") ;;
            esac
            [[ $kind == files || $kind == folders ]] && compopt -o filenames 2>/dev/null
            for line in "${COMPREPLY[@]}"; do
                [[ $line == *[=:.] ]] && compopt -o nospace 2>/dev/null
            done
            return 0
        }

        complete -F _flagserver flagserver

        """#

    private static let zshScript = #"""
        #compdef flagserver
        # zsh completion of flagserver: made by 'flagserver completions zsh'.

        _flagserver() {
            local kind line
            local -a answer ends shown open opened
            answer=("${(@f)$(${(Q)words[1]} complete zsh -- \
                "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
            kind=$answer[1]
            for line in "${(@)answer[2,-1]}"; do
                local word=${line%%$'\t'*} summary=${line#*$'\t'}
                [[ -n $summary ]] && summary="$word  -- $summary" || summary=$word
                if [[ $word == *[=:.] ]]; then
                    open+=("$word") opened+=("$summary")
                else
                    ends+=("$word") shown+=("$summary")
                fi
            done
            (( $#ends )) && compadd -l -d shown -a ends
            (( $#open )) && compadd -S '' -l -d opened -a open
            case $kind in
                files) compset -P '*='; _files ;;
                folders) compset -P '*='; _files -/ ;;
                commands) _command_names -e ;;
            esac
        }

        if [[ $funcstack[1] == _flagserver ]]; then
            _flagserver "$@"
        else
            compdef _flagserver flagserver
        fi

        """#

    private static let fishScript = #"""
        # fish completion of flagserver: made by 'flagserver completions fish'.

        function __flagserver_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l answer ($words[1] complete fish -- $words[2..-1] "$current" 2>/dev/null)
            printf '%s\n' $answer[2..-1]
            set current (string replace -r '^-[^=]*=' '' -- "$current")
            switch "$answer[1]"
                case files
                    __fish_complete_path "$current"
                case folders
                    __fish_complete_directories "$current"
                case commands
                    __fish_complete_command
            end
        end

        complete -c flagserver -f -a '(__flagserver_complete)'

        """#
}
